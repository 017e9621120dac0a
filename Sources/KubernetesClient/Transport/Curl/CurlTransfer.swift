import CCurl
import HTTPTypes

/// One exchange in flight. Belongs to the loop's thread: libcurl's callbacks and the loop alone use it.
final class CurlTransfer {
    enum Sink: Sendable {
        case collect
        case stream(
            onHead: @Sendable (HTTPResponse) -> Void, onChunk: @Sendable ([UInt8]) -> Bool)
    }

    typealias Completion = @Sendable (Result<TransportResponse, TransportError>) -> Void

    let id: UInt64
    let exchange: CurlExchange
    private let sink: Sink
    private let completion: Completion

    /// How often libcurl was about to send the request: more than once after a retry of its own.
    private(set) var sendings = 0
    private var head = HTTPResponse(status: .init(code: 0))
    private var headIsComplete = false
    private var headerBytes = 0
    private var body: [UInt8] = []
    /// Set when a callback of ours ended the transfer, so that libcurl's own words would mislead.
    private var refusal: TransportError?
    private var consumerStopped = false

    let errorText = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    /// What no message may repeat.
    var proxyURL: Secret?
    /// Lists that libcurl reads for as long as the transfer runs.
    private var lists: [UnsafeMutablePointer<curl_slist>] = []

    /// Far above any real response, whose headers take a few hundred bytes, and below libcurl's own limit.
    private static let maximumHeaderBytes = 256 << 10

    init(
        id: UInt64, _ exchange: CurlExchange, _ sink: Sink, completion: @escaping Completion
    ) {
        self.id = id
        self.exchange = exchange
        self.sink = sink
        self.completion = completion
        errorText.initialize(repeating: 0)
    }

    deinit {
        errorText.deallocate()
        for list in lists { curl_slist_free_all(list) }
    }

    /// A list for libcurl that lives as long as the transfer; nil when there is no memory for it.
    func list(_ lines: [String]) -> UnsafeMutablePointer<curl_slist>? {
        var head: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(head, line) else {
                curl_slist_free_all(head)
                return nil
            }
            head = longer
        }
        if let head { lists.append(head) }
        return head
    }

    // MARK: What libcurl reports

    /// Called with the connection ready and nothing sent. False refuses to send.
    ///
    /// libcurl sends a request again, whatever its method, when a reused connection dies before the
    /// answer began. The server may have acted on the first sending, so a write is not repeated here.
    func willSend() -> Bool {
        sendings += 1
        guard sendings > 1, !exchange.isRepeatable else { return true }
        refusal = TransportError(
            .reset, mayHaveReachedServer: true,
            message: "the connection closed before the server answered")
        return false
    }

    /// One line of a response's head, with its line break. False ends the transfer.
    func receiveHeaderLine(_ raw: UnsafeRawBufferPointer) -> Bool {
        headerBytes += raw.count
        guard headerBytes <= Self.maximumHeaderBytes else {
            refusal = tooLarge(
                "the response has more than \(Self.maximumHeaderBytes) bytes of headers")
            return false
        }
        let line = String(decoding: raw, as: UTF8.self).trimmingLineBreak
        if line.isEmpty {
            completeHead()
        } else if line.hasPrefix("HTTP/"), !headIsComplete {
            let words = line.split(separator: " ", maxSplits: 2)
            let code = words.count > 1 ? Int(words[1]) ?? 0 : 0
            head = HTTPResponse(status: .init(code: (100...999).contains(code) ? code : 0))
        } else if let colon = line.firstIndex(of: ":"), !headIsComplete,
            let name = HTTPField.Name(String(line[..<colon]))
        {
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            head.headerFields.append(HTTPField(name: name, value: String(value)))
        }
        return true
    }

    private func completeHead() {
        // 1xx answers come before the real one; after it, only trailers do.
        guard !headIsComplete, head.status.code >= 200 else { return }
        headIsComplete = true
        if case .stream(let onHead, _) = sink { onHead(head) }
    }

    /// A piece of the body, decompressed. False ends the transfer.
    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        switch sink {
        case .stream(_, let onChunk):
            consumerStopped = !onChunk(Array(bytes))
            return !consumerStopped
        case .collect:
            if let maximum = exchange.maximumResponseBytes, body.count + bytes.count > maximum {
                refusal = tooLarge("the response is larger than \(maximum) bytes")
                body = []
                return false
            }
            body.append(contentsOf: bytes)
            return true
        }
    }

    private func tooLarge(_ message: String) -> TransportError {
        TransportError(.tooLarge, mayHaveReachedServer: true, message: message)
    }

    // MARK: The end

    func finish(_ code: CURLcode, systemError: Int) {
        if let refusal {
            completion(.failure(refusal))
        } else if consumerStopped || (code == CURLE_OK && headIsComplete) {
            completion(.success(TransportResponse(head: head, body: body)))
        } else {
            completion(
                .failure(
                    TransportError(
                        code, said: saidByCurl, systemError: systemError,
                        requestBegan: sendings > 0)))
        }
    }

    /// libcurl quotes a proxy's URL where it cannot read it, and in it the password.
    private var saidByCurl: String {
        let said = String(cString: errorText)
        return proxyURL?.withText { said.replacing($0, with: "proxy-url") } ?? said
    }

    func fail(_ kind: TransportError.Kind, _ message: String) {
        completion(
            .failure(
                TransportError(kind, mayHaveReachedServer: sendings > 0, message: message)))
    }
}

extension String {
    fileprivate var trimmingLineBreak: Substring {
        var end = utf8.endIndex
        while end > utf8.startIndex {
            let previous = utf8.index(before: end)
            guard utf8[previous] == 0x0D || utf8[previous] == 0x0A else { break }
            end = previous
        }
        return self[..<end]
    }
}

extension String {
    /// The text of a zero-terminated buffer that libcurl filled.
    fileprivate init(cString buffer: UnsafeMutableBufferPointer<CChar>) {
        self.init(
            decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
