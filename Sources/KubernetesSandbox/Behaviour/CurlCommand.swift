import JSON

/// What a container asks that runs curl for one URL, as far as the sandbox knows curl's options.
struct CurlCommand: Equatable {
    var container: String
    var url = ""
    var isTLS = false
    var host = ""
    var port = 80
    var path = "/"
    /// `--max-time`, in milliseconds; nil where it is not given.
    var limit: Int64?
    /// `--write-out`
    var closing = ""
    var showsBody = true
    private var isSilent = false
    private var showsError = false

    var showsErrors: Bool { !isSilent || showsError }

    /// nil for a pod that a controller would make again, and for one of which no container runs such a curl.
    init?(of pod: JSONValue) {
        guard pod["spec"]?["restartPolicy"] == "Never", pod.controllerReference == nil else {
            return nil
        }
        let found = (pod["spec"]?["containers"]?.array ?? []).lazy.compactMap {
            CurlCommand(container: $0)
        }
        guard let first = found.first else { return nil }
        self = first
    }

    private init?(container: JSONValue) {
        self.container = container["name"]?.string ?? ""
        let texts = ["command", "args"].flatMap { container[$0]?.array ?? [] }
        // A dollar is written twice where it begins no variable.
        let words = texts.compactMap { $0.string?.replacing("$$", with: "$") }
        guard let program = words.first, program == "curl" || program.hasSuffix("/curl"),
            take(words.dropFirst()), take(url)
        else { return nil }
    }

    private mutating func take(_ words: ArraySlice<String>) -> Bool {
        var rest = words
        while let word = rest.popFirst() {
            if word.hasPrefix("--") {
                guard take(word, from: &rest) else { return false }
            } else if word.hasPrefix("-"), word.count > 1 {
                for letter in word.dropFirst() {
                    guard let name = Self.letters[letter], take(name, from: &rest) else {
                        return false
                    }
                }
            } else {
                guard url.isEmpty else { return false }
                url = word
            }
        }
        return true
    }

    private static let letters: [Character: String] = [
        "q": "--disable", "s": "--silent", "S": "--show-error", "g": "--globoff",
        "m": "--max-time", "o": "--output", "w": "--write-out",
    ]

    private mutating func take(_ option: String, from rest: inout ArraySlice<String>) -> Bool {
        switch option {
        case "--silent": isSilent = true
        case "--show-error": showsError = true
        case "--disable", "--globoff": break
        case "--noproxy", "--max-filesize": return rest.popFirst() != nil
        case "--write-out":
            guard let text = rest.popFirst() else { return false }
            closing = text
        case "--output":
            guard let name = rest.popFirst() else { return false }
            showsBody = name == "-"
        case "--max-time":
            guard let seconds = rest.popFirst().flatMap(Double.init), seconds > 0,
                seconds < 1_000_000
            else { return false }
            limit = Int64(seconds * 1000)
        case "--url":
            guard url.isEmpty, let text = rest.popFirst() else { return false }
            url = text
        default: return false
        }
        return true
    }

    /// `http://cart.shop:8080/health`
    private mutating func take(_ url: String) -> Bool {
        guard let mark = url.firstRange(of: "://") else { return false }
        switch url[..<mark.lowerBound] {
        case "http": break
        case "https": (isTLS, port) = (true, 443)
        default: return false
        }
        let rest = url[mark.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2 else { return false }
        host = String(name)
        if parts.count == 2 {
            guard let number = Int(parts[1]), (1...65_535).contains(number) else { return false }
            port = number
        }
        let path = rest[authority.endIndex...].prefix { $0 != "?" }
        if !path.isEmpty { self.path = String(path) }
        return true
    }
}

/// How curl ends (curl.se, "libcurl error codes").
struct CurlEnd: Equatable {
    var exitCode = 0
    /// Of HTTP; 0 where there was no answer.
    var status = 0
    var body = ""
    /// After `curl: (7) `.
    private var words = ""

    static func answered(_ status: Int, _ body: String) -> CurlEnd {
        CurlEnd(status: status, body: body)
    }

    static func unknownHost(_ host: String) -> CurlEnd {
        CurlEnd(exitCode: 6, words: "Could not resolve host: \(host)")
    }

    static func noConnection(_ curl: CurlCommand) -> CurlEnd {
        CurlEnd(
            exitCode: 7,
            words: "Failed to connect to \(curl.host) port \(curl.port) after 1 ms: Could not "
                + "connect to server")
    }

    static func timeOut(_ milliseconds: Int64) -> CurlEnd {
        CurlEnd(exitCode: 28, words: "Connection timed out after \(milliseconds) milliseconds")
    }

    static let noTLS = CurlEnd(
        exitCode: 35, words: "TLS connect error: error:0A00010B:SSL routines::wrong version number")
    static let reset = CurlEnd(exitCode: 56, words: "Recv failure: Connection reset by peer")

    /// All that curl writes.
    func output(of curl: CurlCommand) -> String {
        let code = String(String(1000 + status).dropFirst())
        return (curl.showsBody ? body : "")
            + (exitCode == 0 || !curl.showsErrors ? "" : "curl: (\(exitCode)) \(words)\n")
            + curl.closing.replacing("\\n", with: "\n").replacing("%{http_code}", with: code)
    }
}
