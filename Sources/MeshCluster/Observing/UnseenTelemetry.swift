import KubernetesClient

/// Something that a sample wanted to read and could not.
package struct UnseenTelemetry: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case counters, log

        /// What has to be granted for it, as RBAC calls it.
        package var resource: String {
            switch self {
            case .counters: "pods/proxy"
            case .log: "pods/log"
            }
        }
    }

    package var kind: Kind
    /// `shop/cart-0`
    package var proxy: String
    package var isForbidden: Bool
    package var why: String

    package init(_ kind: Kind, of proxy: String, isForbidden: Bool = false, why: String) {
        self.kind = kind
        self.proxy = proxy
        self.isForbidden = isForbidden
        self.why = why
    }

    init(_ kind: Kind, of proxy: String, _ error: KubernetesError) {
        let isForbidden = error.status?.isForbidden == true
        self.init(
            kind, of: proxy, isForbidden: isForbidden,
            why: isForbidden ? "not permitted" : error.sentence)
    }
}

extension UnseenTelemetry {
    /// One line for each cause: how many proxies, an example, and what to grant.
    package static func sentences(_ unseen: [UnseenTelemetry]) -> [String] {
        Kind.allCases.flatMap { kind -> [String] in
            let here = unseen.filter { $0.kind == kind }.sorted { $0.proxy < $1.proxy }
            let forbidden = here.filter(\.isForbidden)
            var lines: [String] = []
            if let first = forbidden.first {
                lines.append(
                    "\(what(kind, of: forbidden)) may not be read: grant get on \(kind.resource), as for "
                        + "pod \(first.proxy)")
            }
            let others = here.filter { !$0.isForbidden }
            if let first = others.first {
                lines.append(
                    "\(what(kind, of: others)) could not be read; pod \(first.proxy): \(first.why)")
            }
            return lines
        }
    }

    private static func what(_ kind: Kind, of unseen: [UnseenTelemetry]) -> String {
        let count = Set(unseen.map(\.proxy)).count
        let proxies = "\(count) prox\(count == 1 ? "y" : "ies")"
        return kind == .counters ? "the counters of \(proxies)" : "the log of \(proxies)"
    }
}
