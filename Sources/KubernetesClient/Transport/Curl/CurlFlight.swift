import CCurl

/// The transfers that are under way on the loop's thread, and the handles that wait for the next.
struct CurlFlight {
    private let multi: UnsafeMutableRawPointer
    private let options: CurlTransport.Options
    private var transfers: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    private var handles: [UInt64: UnsafeMutableRawPointer] = [:]
    private var spare: [UnsafeMutableRawPointer] = []

    private static let maximumSpare = 64

    init(_ multi: UnsafeMutableRawPointer, _ options: CurlTransport.Options) {
        self.multi = multi
        self.options = options
    }

    mutating func begin(_ transfer: CurlTransfer) {
        guard let handle = spare.popLast() ?? curl_easy_init() else {
            return transfer.finish(CURLE_OUT_OF_MEMORY, systemError: 0)
        }
        if let refusal = transfer.configure(handle, options) {
            recycle(handle)
            return transfer.finish(refusal, systemError: 0)
        }
        guard curl_multi_add_handle(multi, handle) == CURLM_OK else {
            recycle(handle)
            return transfer.finish(CURLE_FAILED_INIT, systemError: 0)
        }
        transfers[handle] = transfer
        handles[transfer.id] = handle
    }

    mutating func cancel(_ id: UInt64) {
        guard let handle = handles[id] else { return }
        // A name that is still being looked up would otherwise hold up all other transfers.
        _ = ccurl_set_long(handle, CURLOPT_QUICK_EXIT, 1)
        remove(handle)?.fail(.cancelled, "the request was cancelled")
    }

    /// Moves all transfers on as far as they go now. False when libcurl itself has failed.
    mutating func advance() -> Bool {
        var running: Int32 = 0
        guard curl_multi_perform(multi, &running) == CURLM_OK else { return false }
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle
            else { continue }
            let code = ccurl_message_result(message)
            var systemError = 0
            _ = ccurl_get_long(handle, CURLINFO_OS_ERRNO, &systemError)
            remove(handle)?.finish(code, systemError: systemError)
        }
        return true
    }

    /// Fails what is left and frees every handle.
    mutating func end() {
        for id in handles.keys.sorted() {
            guard let handle = handles[id] else { continue }
            _ = ccurl_set_long(handle, CURLOPT_QUICK_EXIT, 1)
            remove(handle)?.fail(.cancelled, "the connection was shut down")
        }
        for handle in spare { curl_easy_cleanup(handle) }
        spare = []
    }

    private mutating func remove(_ handle: UnsafeMutableRawPointer) -> CurlTransfer? {
        let transfer = transfers.removeValue(forKey: handle)
        if let transfer { handles[transfer.id] = nil }
        curl_multi_remove_handle(multi, handle)
        recycle(handle)
        return transfer
    }

    private mutating func recycle(_ handle: UnsafeMutableRawPointer) {
        guard spare.count < Self.maximumSpare else { return curl_easy_cleanup(handle) }
        // Drops every option, callbacks and secrets included; connections live in the multi handle.
        curl_easy_reset(handle)
        spare.append(handle)
    }
}
