package import Timing

/// What went wrong in a stretch of a ztunnel's log, and what of it is over.
///
/// - xDS: an error of the stream is over with the next `Stream established`. A rejected resource is not: ztunnel
///   goes on with what it had, and nothing in the log says that it took a later one.
/// - Certificates: a failed fetch is over once the same identity has a certificate again: `certificate fetch
///   succeeded` (debug level only), or a later connection that completed with mTLS under it. A failed renewal
///   leaves the old certificate in use, so that a connection proves nothing there; only a fetch does.
/// - DNS: each failed request counts, and none takes back another.
package struct ZtunnelTroubles: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable { case xds, certificate, dns }

    /// Errors of one kind.
    package struct Tally: Sendable, Hashable {
        package var count = 0
        package var first: Timestamp?
        package var last: Timestamp?
        /// What the last one said, on one line.
        package var text = ""

        fileprivate mutating func add(_ entry: ZtunnelLogEntry) {
            count += 1
            first = first ?? entry.time
            last = entry.time
            text = entry.brief
        }

        fileprivate mutating func add(_ other: Tally) {
            guard other.count > 0 else { return }
            count += other.count
            first = [first, other.first].compactMap(\.self).min()
            if other.last.map({ last ?? $0 <= $0 }) ?? false {
                last = other.last
                text = other.text
            }
        }
    }

    /// Not over yet.
    package private(set) var open: [Kind: Tally] = [:]
    package private(set) var recovered: [Kind: Tally] = [:]
    /// Policies that workloads name and ztunnel does not know, sorted; at most 20.
    package private(set) var unknownPolicies: [String] = []
    /// Lines that are in a form that ztunnel writes.
    package private(set) var entries = 0
    /// Lines in another form, such as a panic's.
    package private(set) var others = 0

    package init(_ lines: some Sequence<LogLine>) {
        var reader = Reader()
        for line in lines {
            if let entry = ZtunnelLogEntry(line.text) {
                entries += 1
                reader.read(entry)
            } else {
                others += 1
            }
        }
        open = reader.open
        recovered = reader.recovered
        unknownPolicies = Array(reader.unknownPolicies.sorted().prefix(20))
    }

    private struct Reader {
        /// What one later line can end: the stream's errors, or those of one identity.
        private enum Cause: Hashable {
            case stream
            case fetch(String)
            case renewal(String)
            case workload(String)
        }

        private var pending: [Cause: Tally] = [:]
        private var lasting: [Kind: Tally] = [:]
        private(set) var recovered: [Kind: Tally] = [:]
        private(set) var unknownPolicies: Set<String> = []

        var open: [Kind: Tally] {
            var open = lasting
            // One after the other in time, so that the last text does not depend on a dictionary's order.
            for (cause, tally) in pending.sorted(by: { ($0.value.order) < ($1.value.order) }) {
                open[Self.kind(of: cause), default: Tally()].add(tally)
            }
            return open
        }

        mutating func read(_ entry: ZtunnelLogEntry) {
            let id = entry.fields["id"] ?? ""
            switch ZtunnelLogClass(entry) {
            case .xdsConnectionError, .xdsError, .xdsComplete: fail(.stream, entry)
            case .xdsEstablished: recover(.stream)
            case .xdsRejected: lasting[.xds, default: Tally()].add(entry)
            case .certificateFetchFailed: fail(.fetch(id), entry)
            case .certificateRenewalFailed: fail(.renewal(id), entry)
            case .certificateFetched:
                recover(.fetch(id))
                recover(.renewal(id))
            case .noCertificate: fail(.workload(entry.localWorkload), entry)
            case .connectionComplete:
                guard let identity = entry.localIdentity else { return }
                recover(.fetch(identity))
                recover(.workload(entry.localWorkload))
            case .dnsRequestError, .connectionDNS: lasting[.dns, default: Tally()].add(entry)
            case .unknownPolicy: unknownPolicies.insert(entry.brief)
            default: break
            }
        }

        private mutating func fail(_ cause: Cause, _ entry: ZtunnelLogEntry) {
            pending[cause, default: Tally()].add(entry)
        }

        private mutating func recover(_ cause: Cause) {
            guard let tally = pending.removeValue(forKey: cause) else { return }
            recovered[Self.kind(of: cause), default: Tally()].add(tally)
        }

        private static func kind(of cause: Cause) -> Kind {
            if case .stream = cause { .xds } else { .certificate }
        }
    }
}

extension ZtunnelTroubles.Tally {
    fileprivate var order: (Int64, String) { (last?.milliseconds ?? 0, text) }
}

extension ZtunnelLogEntry {
    /// The message with its error and identity, on one line, and not endless.
    fileprivate var brief: String {
        var parts = [message]
        for key in ["id", "type_url", "error"] {
            if let value = fields[key] { parts.append("\(key)=\(value)") }
        }
        let line = parts.joined(separator: " ").map { $0.isNewline ? " " : $0 }
        return String(line.prefix(300))
    }

    /// The end of a connection that is on ztunnel's own node.
    private var localEnd: String { fields["direction"] == "inbound" ? "dst" : "src" }

    /// Its identity, which is there for mTLS only.
    fileprivate var localIdentity: String? { fields["\(localEnd).identity"] }

    fileprivate var localWorkload: String {
        "\(fields["\(localEnd).namespace"] ?? "")/\(fields["\(localEnd).workload"] ?? "")"
    }
}
