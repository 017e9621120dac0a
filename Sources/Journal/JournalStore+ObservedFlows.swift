import GRDB
package import MeshModel
import Timing

extension JournalStore {
    /// The first version of the file in which something is observed: an older one has no flows.
    package static let firstVersionWithObservedFlows = 3

    /// Adds what was seen to what is known of this cluster, all of it or, when it throws, nothing: the
    /// earliest first sight and the latest last one stay, and connections are added up.
    package func record(
        _ flows: [ObservedFlow], clusterUID: String
    ) throws(JournalError) {
        if flows.isEmpty { return }
        try write { try $0.add(flows, clusterUID: clusterUID) }
    }

    /// Sorted by client, server, port and security. Throws `damaged` for a row that no meshctl wrote.
    package func observedFlows(clusterUID: String) throws(JournalError) -> [ObservedFlow] {
        try read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT client, server, port, security, first_seen, last_seen, connections
                    FROM observed_flow WHERE cluster_uid = ?
                    ORDER BY client, server, port, security
                    """, arguments: [clusterUID])
            var flows: [ObservedFlow] = []
            while let row = try rows.next() {
                guard let flow = ObservedFlow(row) else {
                    throw JournalError.damaged(
                        path: path, detail: "row \(flows.count + 1) of observed_flow has no meaning"
                    )
                }
                flows.append(flow)
            }
            return flows
        }
    }
}

extension Database {
    /// Adds to what the rows say, inside the caller's transaction.
    func add(_ flows: [ObservedFlow], clusterUID: String) throws {
        let statement = try cachedStatement(sql: Self.upsert)
        for flow in flows {
            let server = flow.server.key
            try statement.execute(arguments: [
                clusterUID, flow.client.key, server.text, server.port, flow.security.rawValue,
                flow.firstSeen.milliseconds, flow.lastSeen.milliseconds, flow.connections,
            ])
        }
    }

    /// A sum past what an integer holds would become a float, and lose connections: it stops there.
    private static let upsert = """
        INSERT INTO observed_flow
            (cluster_uid, client, server, port, security, first_seen, last_seen, connections)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET
            first_seen = min(first_seen, excluded.first_seen),
            last_seen = max(last_seen, excluded.last_seen),
            connections = CASE
                WHEN connections > \(Int64.max) - excluded.connections THEN \(Int64.max)
                ELSE connections + excluded.connections END
        """
}

extension ObservedFlow {
    init?(_ row: Row) {
        guard let client = Client(key: row["client"]),
            let server = Server(key: row["server"], port: row["port"]),
            let security = Security(rawValue: row["security"])
        else { return nil }
        self.init(
            from: client, to: server, security: security,
            firstSeen: Timestamp(milliseconds: row["first_seen"]),
            lastSeen: Timestamp(milliseconds: row["last_seen"]), connections: row["connections"])
    }
}

extension ObservedFlow.Client {
    var key: String {
        switch self {
        case .workload(let id): RowKey.text("workload", id.namespace, id.kind.rawValue, id.name)
        case .pod(let namespace, let name): RowKey.text("pod", namespace, name)
        case .node(let name): RowKey.text("node", name)
        case .address(let address): RowKey.text("address", address)
        case .unknown: RowKey.text("unknown")
        }
    }

    init?(key: String) {
        let parts = RowKey.parts(key)
        switch (parts.first, parts.count) {
        case ("workload", 4):
            guard let id = WorkloadID(parts) else { return nil }
            self = .workload(id)
        case ("pod", 3): self = .pod(namespace: parts[1], name: parts[2])
        case ("node", 2): self = .node(parts[1])
        case ("address", 2): self = .address(parts[1])
        case ("unknown", 1): self = .unknown
        default: return nil
        }
    }
}

extension ObservedFlow.Server {
    var key: (text: String, port: Int) {
        switch self {
        case .service(let namespace, let name, let port):
            (RowKey.text("service", namespace, name), port)
        case .workload(let id, let port):
            (RowKey.text("workload", id.namespace, id.kind.rawValue, id.name), port)
        case .pod(let namespace, let name, let port): (RowKey.text("pod", namespace, name), port)
        }
    }

    init?(key: String, port: Int) {
        let parts = RowKey.parts(key)
        switch (parts.first, parts.count) {
        case ("service", 3): self = .service(namespace: parts[1], name: parts[2], port: port)
        case ("workload", 4):
            guard let id = WorkloadID(parts) else { return nil }
            self = .workload(id, port: port)
        case ("pod", 3): self = .pod(namespace: parts[1], name: parts[2], port: port)
        default: return nil
        }
    }
}

extension WorkloadID {
    /// From `workload`, namespace, kind and name.
    fileprivate init?(_ parts: [String]) {
        guard let kind = WorkloadKind(rawValue: parts[2]) else { return nil }
        self.init(namespace: parts[1], kind: kind, name: parts[3])
    }
}

/// Names joined by slashes, byte by byte: telemetry may name anything, and no name may reach into the
/// next one, nor end the text, as NUL does for SQLite.
private enum RowKey {
    private static let slash = UInt8(ascii: "/")
    private static let percent = UInt8(ascii: "%")

    static func text(_ parts: String...) -> String {
        var bytes: [UInt8] = []
        for part in parts {
            if !bytes.isEmpty { bytes.append(slash) }
            for byte in part.utf8 {
                switch byte {
                case 0: bytes += Array("%00".utf8)
                case percent: bytes += Array("%25".utf8)
                case slash: bytes += Array("%2F".utf8)
                default: bytes.append(byte)
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func parts(_ text: String) -> [String] {
        text.utf8.split(separator: slash, omittingEmptySubsequences: false).map { part in
            guard part.contains(percent) else { return String(decoding: part, as: UTF8.self) }
            var bytes: [UInt8] = []
            var rest = part
            while let byte = rest.popFirst() {
                let digits = rest.prefix(2)
                if byte == percent,
                    let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
                {
                    bytes.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte)
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
