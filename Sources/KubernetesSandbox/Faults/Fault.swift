import Diagnostics
import Timing

/// Something that goes wrong in a sandbox because somebody switched it on.
package struct Fault: Sendable, Codable, Hashable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case ztunnelNotReady = "ztunnel-not-ready"
        case xdsErrors = "xds-errors"
        case certificateErrors = "certificate-errors"
        case dnsDown = "dns-down"
        case podsNeverReady = "pods-never-ready"
        case resets
        case resetsUnderStrict = "resets-under-strict"
        case apiStatus = "api-status"
        case apiReset = "api-reset"
        case apiSlow = "api-slow"
        case lostResponses = "lost-responses"

        /// What it takes, as a usage line has it.
        package var usage: String {
            switch self {
            case .ztunnelNotReady: "NODE"
            case .xdsErrors, .certificateErrors: "[NODE]"
            case .dnsDown: ""
            case .podsNeverReady: "NAMESPACE/WORKLOAD"
            case .resets, .resetsUnderStrict: "FROM TO"
            case .apiStatus: "CODE [COUNT] [METHOD,…] [/PATH]"
            case .apiSlow: "MILLISECONDS [COUNT] [METHOD,…] [/PATH]"
            case .apiReset, .lostResponses: "[COUNT] [METHOD,…] [/PATH]"
            }
        }
    }

    package var kind: Kind
    package var arguments: [String]
    /// Milliseconds since 1970 in the sandbox's time.
    var since: Int64 = 0
    /// When it was switched off; nil while it is on.
    var until: Int64?
    /// How many requests it has met.
    var met = 0

    /// `xds-errors kube-1`
    package var text: String { ([kind.rawValue] + arguments).joined(separator: " ") }
}

/// A fault that is not one, or that fits nothing in the sandbox.
package struct FaultError: Error, Sendable, Equatable {
    package var why: String
}

extension Fault {
    /// Reads a fault's name and arguments.
    package init(_ words: [String]) throws(FaultError) {
        guard let name = words.first, let kind = Kind(rawValue: name) else {
            let names = Kind.allCases.map(\.rawValue)
            let nearest = words.first.flatMap { Suggestion.nearest(to: $0, among: names) }
            throw FaultError(
                why: "there is no fault \"\(words.first ?? "")\"; "
                    + (nearest.map { "did you mean \($0)?" }
                        ?? "there are \(names.joined(separator: ", "))"))
        }
        self.kind = kind
        arguments = Array(words.dropFirst())
        guard isWellFormed else {
            throw FaultError(why: "it is written \(kind.rawValue) \(kind.usage)")
        }
    }

    /// Reads what is to be switched off: arguments may be left out, and then stand for any.
    package init(clearing words: [String]) throws(FaultError) {
        if words.count == 1, let kind = words.first.flatMap(Kind.init(rawValue:)) {
            self.init(kind: kind, arguments: [])
        } else {
            try self.init(words)
        }
    }

    private var isWellFormed: Bool {
        switch kind {
        case .dnsDown: arguments.isEmpty
        case .ztunnelNotReady: arguments.count == 1
        case .xdsErrors, .certificateErrors: arguments.count <= 1
        case .podsNeverReady: arguments.count == 1 && arguments[0].split(separator: "/").count == 2
        case .resets, .resetsUnderStrict: arguments.count == 2
        case .apiStatus: requests != nil && status != nil
        case .apiSlow: requests != nil && delay != nil
        case .apiReset, .lostResponses: requests != nil
        }
    }

    /// Which requests to the API it is about.
    struct Requests {
        /// nil for all.
        var count: Int?
        /// Empty for all.
        var methods: [String] = []
        /// Of the path with its leading slash.
        var prefix = "/"
    }

    var status: Int? {
        arguments.first.flatMap(Int.init).flatMap { (400...599).contains($0) ? $0 : nil }
    }

    var delay: Duration? {
        arguments.first.flatMap(Int64.init).flatMap {
            (1...600_000).contains($0) ? .milliseconds($0) : nil
        }
    }

    /// nil where its arguments say something else.
    var requests: Requests? {
        let ownArgument = kind == .apiStatus || kind == .apiSlow
        var rest = arguments.dropFirst(ownArgument ? 1 : 0)
        var found = Requests()
        if let count = rest.first.flatMap(Int.init) {
            guard count > 0 else { return nil }
            found.count = count
            rest.removeFirst()
        }
        if let methods = rest.first, !methods.hasPrefix("/") {
            found.methods = methods.split(separator: ",").map { $0.uppercased() }
            guard found.methods.allSatisfy(Self.methods.contains) else { return nil }
            rest.removeFirst()
        }
        if let prefix = rest.first, prefix.hasPrefix("/") {
            found.prefix = prefix
            rest.removeFirst()
        }
        return rest.isEmpty ? found : nil
    }

    private static let methods: Set<String> = ["GET", "POST", "PUT", "PATCH", "DELETE"]
}
