/// Finds what is shaped like a Service's host name in texts of a pod's spec. Bounded, whatever the texts hold.
package struct HostReferenceScanner: Sendable {
    package private(set) var references: [HostReference] = []
    private var seen: Set<HostReference> = []

    package init() {}

    /// - Parameter place: where the text stands, for people.
    package mutating func scan(_ text: String, place: String) {
        for word in text.utf8.prefix(Self.longestText).split(whereSeparator: Self.separates) {
            guard references.count < Self.most else { return }
            guard let found = Self.reference(Substring(word), place: place),
                seen.insert(found).inserted
            else { continue }
            references.append(found)
        }
    }

    private static let most = 64
    private static let longestText = 16_384

    private static func separates(_ byte: UInt8) -> Bool {
        byte <= 0x20 || "\"'`,;=()[]{}<>|&\\".utf8.contains(byte)
    }

    private static func reference(_ word: Substring, place: String) -> HostReference? {
        var rest = word
        var scheme: Substring?
        if let mark = word.firstRange(of: "://") {
            // `jdbc:postgresql://` has a scheme within a scheme; the inner one says the port.
            scheme = word[..<mark.lowerBound].split(separator: ":").last
            rest = word[mark.upperBound...]
        }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // What stands before the last @ is a user with a password.
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        let halves = rest.split(separator: ":", omittingEmptySubsequences: false)
        guard let host = halves.first, halves.count <= 2 else { return nil }
        var port: Int?
        if halves.count == 2 {
            guard let number = Int(halves[1]), (1...65535).contains(number) else { return nil }
            port = number
        } else if let scheme {
            port = defaultPorts[scheme.lowercased()]
        }
        return reference(toHost: host, port: port, place: place)
    }

    private static func reference(
        toHost host: Substring, port: Int?, place: String
    ) -> HostReference? {
        guard host.utf8.count <= 253 else { return nil }
        let host = host.last == "." ? host.dropLast() : host
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.allSatisfy(isLabel), let service = labels.first else { return nil }
        if labels.count == 1 {
            // A word without a port may be anything.
            return port.map {
                HostReference(form: .short, service: String(service), port: $0, place: place)
            }
        }
        if labels.count == 2 {
            return HostReference(
                form: .namespaced, service: String(service), namespace: String(labels[1]),
                port: port, place: place)
        }
        if labels[2] == "svc" {
            return HostReference(
                form: .full, service: String(service), namespace: String(labels[1]), port: port,
                place: place)
        }
        // A pod of a StatefulSet has a name below its Service's.
        guard labels.count > 3, labels[3] == "svc" else { return nil }
        return HostReference(
            form: .full, service: String(labels[1]), namespace: String(labels[2]), port: port,
            place: place)
    }

    /// A DNS label that a Service may have as its name (RFC 1035, in lower case), or a pod.
    private static func isLabel(_ text: Substring) -> Bool {
        guard (1...63).contains(text.utf8.count), text.first != "-", text.last != "-" else {
            return false
        }
        return text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
        }
    }

    /// Ports that a URL means by its scheme (IANA's registry; the projects' manuals).
    private static let defaultPorts = [
        "http": 80, "https": 443, "ws": 80, "wss": 443, "postgres": 5432, "postgresql": 5432,
        "mysql": 3306, "mariadb": 3306, "mongodb": 27017, "redis": 6379, "rediss": 6379,
        "amqp": 5672, "amqps": 5671, "nats": 4222, "ldap": 389, "ldaps": 636, "smtp": 25,
    ]
}
