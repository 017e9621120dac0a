import CCurl
import Glibc
import Timing

/// Sets options of one easy handle and remembers the first that libcurl refused: an option that
/// silently did not take, such as a CA, must never lead to a request.
struct CurlOptions {
    let handle: UnsafeMutableRawPointer
    private(set) var refusal: CURLcode?

    init(_ handle: UnsafeMutableRawPointer) { self.handle = handle }

    mutating func set(_ option: CURLoption, _ value: Int) {
        note(ccurl_set_long(handle, option, value))
    }

    mutating func set(_ option: CURLoption, _ value: String?) {
        note(ccurl_set_string(handle, option, value))
    }

    mutating func set(_ option: CURLoption, _ value: Secret?) {
        guard let value else { return }
        note(value.withBytes { ccurl_set_blob(handle, option, $0.baseAddress, $0.count) })
    }

    mutating func set(_ option: CURLoption, _ value: [UInt8]?) {
        guard let value else { return }
        note(value.withUnsafeBytes { ccurl_set_blob(handle, option, $0.baseAddress, $0.count) })
    }

    mutating func set(_ option: CURLoption, lines: [String], of transfer: CurlTransfer) {
        guard !lines.isEmpty else { return }
        guard let list = transfer.list(lines) else { return note(CURLE_OUT_OF_MEMORY) }
        note(ccurl_set_list(handle, option, list))
    }

    mutating func setBody(_ body: [UInt8]) {
        note(ccurl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        body.withUnsafeBytes { bytes in
            // An empty array has no address, and libcurl would then read the body from a callback.
            let start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)
            note(
                ccurl_set_pointer(
                    handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start)))
        }
    }

    mutating func note(_ code: CURLcode) {
        if code != CURLE_OK, refusal == nil { refusal = code }
    }
}

extension CurlTransfer {
    /// Prepares a clean handle for this transfer. Nil when every option took.
    func configure(_ handle: UnsafeMutableRawPointer, _ options: CurlTransport.Options) -> CURLcode?
    {
        var curl = CurlOptions(handle)
        setRequest(&curl)
        setLimits(&curl, options)
        setConnection(&curl, options)
        setTLS(&curl, options.tls)
        setCallbacks(&curl)
        return curl.refusal
    }

    private func setRequest(_ curl: inout CurlOptions) {
        curl.set(CURLOPT_PROTOCOLS_STR, "http,https")
        curl.set(CURLOPT_URL, exchange.url)
        // Names are percent-encoded by the caller; "normalising" a path could only change its meaning.
        curl.set(CURLOPT_PATH_AS_IS, 1)
        if let body = exchange.body {
            curl.setBody(body)
        } else if exchange.method == "POST" {
            curl.setBody([])
        }
        if exchange.method == "HEAD" {
            curl.set(CURLOPT_NOBODY, 1)
        } else {
            curl.set(CURLOPT_CUSTOMREQUEST, exchange.method)
        }
        curl.set(CURLOPT_HTTPHEADER, lines: exchange.headers, of: self)
        if let connectTo = exchange.connectTo {
            curl.set(CURLOPT_CONNECT_TO, lines: [connectTo], of: self)
        }
    }

    private func setLimits(_ curl: inout CurlOptions, _ options: CurlTransport.Options) {
        curl.set(CURLOPT_CONNECTTIMEOUT_MS, options.connectTimeout.curlMilliseconds)
        switch exchange.limit {
        case .total(let duration):
            curl.set(CURLOPT_TIMEOUT_MS, duration.curlMilliseconds)
        case .idle(let duration) where duration > .zero:
            curl.set(CURLOPT_LOW_SPEED_LIMIT, 1)
            curl.set(CURLOPT_LOW_SPEED_TIME, (duration.curlMilliseconds + 999) / 1000)
        case .idle:
            break
        }
    }

    private func setConnection(_ curl: inout CurlOptions, _ options: CurlTransport.Options) {
        let encrypted = exchange.url.hasPrefix("https:")
        curl.set(CURLOPT_NOSIGNAL, 1)
        curl.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        // Rather wait for the first connection to say that it multiplexes than open thirty.
        curl.set(CURLOPT_PIPEWAIT, encrypted ? 1 : 0)
        curl.set(CURLOPT_TCP_NODELAY, 1)
        curl.set(CURLOPT_TCP_KEEPALIVE, 1)
        curl.set(CURLOPT_TCP_KEEPIDLE, 30)
        curl.set(CURLOPT_TCP_KEEPINTVL, 10)
        // A handle that is used again may still have its buffer, of this size, where its HTTP/2 connection
        // went on with other streams; it then refuses to be asked. This is only about speed.
        _ = ccurl_set_long(curl.handle, CURLOPT_BUFFERSIZE, 256 * 1024)
        if options.compresses { curl.set(CURLOPT_ACCEPT_ENCODING, "gzip") }
        // An empty string keeps libcurl from reading proxies out of the environment by itself.
        curl.set(CURLOPT_PROXY, "")
        if let proxy = options.proxy {
            proxy.url.withText { curl.set(CURLOPT_PROXY, $0) }
            proxyURL = proxy.url
            curl.set(CURLOPT_NOPROXY, proxy.exceptions)
            curl.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        }
        curl.note(ccurl_set_socket_callback(curl.handle, prepareSocket))
    }

    private func setTLS(_ curl: inout CurlOptions, _ tls: TLSSettings) {
        if let authorities = tls.certificateAuthorities {
            curl.set(CURLOPT_CAINFO_BLOB, authorities)
            // The blob replaces the system's bundle but not its folder, which would stay trusted.
            curl.set(CURLOPT_CAPATH, nil as String?)
        }
        curl.set(CURLOPT_SSLCERT_BLOB, tls.clientCertificate)
        curl.set(CURLOPT_SSLKEY_BLOB, tls.clientKey)
        // Without one, OpenSSL would stop at an encrypted key and ask the terminal.
        if tls.clientKey != nil { curl.set(CURLOPT_KEYPASSWD, "") }
        curl.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        curl.set(CURLOPT_SSL_VERIFYPEER, tls.skipsVerification ? 0 : 1)
        curl.set(CURLOPT_SSL_VERIFYHOST, tls.skipsVerification ? 0 : 2)
    }

    private func setCallbacks(_ curl: inout CurlOptions) {
        let me = Unmanaged.passUnretained(self).toOpaque()
        let handle = curl.handle
        curl.note(ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText.baseAddress))
        curl.note(ccurl_set_pointer(handle, CURLOPT_PREREQDATA, me))
        curl.note(
            ccurl_set_prerequest_callback(handle) { context, _, _, _, _ in
                guard let transfer = CurlTransfer.from(context), transfer.willSend() else {
                    return CURL_PREREQFUNC_ABORT
                }
                return CURL_PREREQFUNC_OK
            })
        curl.note(ccurl_set_pointer(handle, CURLOPT_HEADERDATA, me))
        curl.note(
            ccurl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
                guard let transfer = CurlTransfer.from(context), transfer.receiveHeaderLine(line)
                else { return 0 }
                return line.count
            })
        curl.note(ccurl_set_pointer(handle, CURLOPT_WRITEDATA, me))
        curl.note(
            ccurl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
                guard let transfer = CurlTransfer.from(context), transfer.receiveBody(piece)
                else { return 0 }
                return piece.count
            })
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
        context.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
    }
}

/// Lets the kernel close a connection whose peer stops acknowledging, as after a lost network:
/// otherwise every later request on a shared HTTP/2 connection would wait for its own timeout.
private let prepareSocket: curl_sockopt_callback = { _, socket, _ in
    var milliseconds: Int32 = 30_000
    _ = setsockopt(
        socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds,
        socklen_t(MemoryLayout<Int32>.size))
    return CURL_SOCKOPT_OK
}

extension Duration {
    /// For libcurl: at least one millisecond unless zero (which is "no limit"), and no more than a `long` on any platform.
    fileprivate var curlMilliseconds: Int {
        guard self > .zero else { return 0 }
        return max(1, Int(min(self, .milliseconds(Int64(Int32.max))).wholeMilliseconds))
    }
}
