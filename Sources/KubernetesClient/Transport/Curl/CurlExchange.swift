import HTTPTypes

/// One request in the words of libcurl: plain values that may cross to the loop's thread.
struct CurlExchange: Sendable {
    enum Limit: Sendable {
        case total(Duration)
        case idle(Duration)
    }

    let method: String
    let url: String
    /// `HOST:PORT:REALHOST:REALPORT`, where the server's certificate bears another name than its URL.
    let connectTo: String?
    let headers: [String]
    let body: [UInt8]?
    let limit: Limit
    let maximumResponseBytes: Int?

    /// A read: it may be sent again on a new connection when an idle one turns out dead, and may be
    /// given up at any moment.
    var isRepeatable: Bool { method == "GET" || method == "HEAD" }

    /// Nil when the request has no scheme, authority or path.
    init?(
        _ request: HTTPRequest, body: [UInt8]?, limit: Limit, maximumResponseBytes: Int?,
        tls: TLSSettings
    ) {
        guard let scheme = request.scheme, let authority = request.authority,
            let path = request.path, !authority.isEmpty, path.hasPrefix("/")
        else { return nil }
        method = request.method.rawValue
        self.body = body
        self.limit = limit
        self.maximumResponseBytes = maximumResponseBytes
        var headers = request.headerFields.map { field in
            // libcurl reads "Name:" as "leave this header out"; an empty value needs a semicolon.
            field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)"
        }
        if body != nil { headers.append("Expect:") }
        if scheme == "https", let name = tls.serverName, !name.isEmpty {
            let (host, port) = Self.split(authority)
            url = "\(scheme)://\(name):\(port)\(path)"
            connectTo = "\(name):\(port):\(host):\(port)"
            headers.append("Host: \(authority)")
        } else {
            url = "\(scheme)://\(authority)\(path)"
            connectTo = nil
        }
        self.headers = headers
    }

    /// Host (with its brackets, if any) and port of an authority of an `https` URL.
    private static func split(_ authority: String) -> (host: Substring, port: Substring) {
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            return (authority[..<colon], authority[authority.index(after: colon)...])
        }
        return (authority[...], "443")
    }
}
