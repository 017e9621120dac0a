import JSON
import Timing

/// Requests that a workload sends to a port all the time. Nobody sends them: how many there were, and when
/// each was, follows from the clock alone, so that counting them costs nothing until somebody looks.
struct TrafficFlow: Sendable, Codable, Hashable {
    enum Client: Sendable, Codable, Hashable {
        /// Its pods take turns. Without a kind any workload of that name.
        case workload(namespace: String, kind: String?, name: String)
        case external
        case apiServer
        case node(String)
    }

    enum Target: Sendable, Codable, Hashable {
        /// Its ready endpoints take turns.
        case service(namespace: String, name: String, port: Int)
        case pod(namespace: String, name: String, port: Int)
    }

    enum Transport: String, Sendable, Codable { case http, tcp }

    let client: Client
    let target: Target
    /// 1 to 60,000, over all clients and endpoints together.
    let perMinute: Int64
    let transport: Transport
    /// Flows of one rate do not beat together. Kept, since every count asks for it.
    private let phase: Int64

    private static let minute: Int64 = 60_000

    private static func phase(_ client: Client, _ target: Target) -> Int64 {
        let hash = "\(client) \(target)".utf8.reduce(UInt32(2_166_136_261)) {
            ($0 ^ UInt32($1)) &* 16_777_619
        }
        return Int64(hash) % minute
    }

    /// How many requests were sent by this time, counted from 1970.
    func sent(by milliseconds: Int64) -> Int64 {
        (milliseconds * perMinute + phase) / Self.minute
    }

    /// When the request of this number, from 0, was sent.
    func time(of request: Int64) -> Int64 {
        ((request + 1) * Self.minute - phase + perMinute - 1) / perMinute
    }
}

extension TrafficFlow {
    /// As a scenario writes it: `{from: …, to: …, perMinute: 60, protocol: http}`, with the plan file's forms of
    /// `from` and `to`.
    ///
    /// - Throws: why it cannot be read.
    init(_ document: JSONValue) throws(Unreadable) {
        client = try Self.client(document["from"])
        target = try Self.target(document["to"])
        phase = Self.phase(client, target)
        perMinute = document["perMinute"]?.integer ?? 60
        guard (1...60_000).contains(perMinute) else {
            throw Unreadable(why: "perMinute takes a number from 1 to 60000")
        }
        guard let transport = Transport(rawValue: document["protocol"]?.string ?? "http") else {
            throw Unreadable(why: "protocol is http or tcp")
        }
        self.transport = transport
    }

    struct Unreadable: Error, Equatable { var why: String }

    private enum CodingKeys: CodingKey { case client, target, perMinute, transport }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        client = try container.decode(Client.self, forKey: .client)
        target = try container.decode(Target.self, forKey: .target)
        perMinute = try container.decode(Int64.self, forKey: .perMinute)
        transport = try container.decode(Transport.self, forKey: .transport)
        phase = Self.phase(client, target)
    }

    private static func client(_ from: JSONValue?) throws(Unreadable) -> Client {
        if from == "external" { return .external }
        if from == "apiserver" { return .apiServer }
        if let node = from?["node"]?.string { return .node(node) }
        guard let namespace = from?["namespace"]?.string,
            let text = from?["workload"]?.string
        else {
            throw Unreadable(
                why: "from is external, apiserver, {node: NAME} or {namespace: …, workload: …}")
        }
        let parts = text.split(separator: "/").map(String.init)
        return .workload(
            namespace: namespace, kind: parts.count == 2 ? parts[0].lowercased() : nil,
            name: parts.last ?? "")
    }

    private static func target(_ to: JSONValue?) throws(Unreadable) -> Target {
        let wanted = Unreadable(
            why: "to is {namespace: …, service: …, port: …} or {namespace: …, pod: …, port: …}")
        guard let namespace = to?["namespace"]?.string,
            let port = to?["port"]?.integer.flatMap(Int.init(exactly:))
        else { throw wanted }
        if let name = to?["service"]?.string {
            return .service(namespace: namespace, name: name, port: port)
        }
        if let name = to?["pod"]?.string {
            return .pod(namespace: namespace, name: name, port: port)
        }
        throw wanted
    }
}

extension TrafficFlow.Client {
    /// `ingress/cloudflared`, `external`, `apiserver`, `node/kube-1`.
    var text: String {
        switch self {
        case .workload(let namespace, _, let name): "\(namespace)/\(name)"
        case .external: "external"
        case .apiServer: "apiserver"
        case .node(let name): "node/\(name)"
        }
    }
}

extension TrafficFlow.Target {
    /// `default/mirai-frontend`
    var text: String {
        switch self {
        case .service(let namespace, let name, _), .pod(let namespace, let name, _):
            "\(namespace)/\(name)"
        }
    }

    var port: Int {
        switch self {
        case .service(_, _, let port), .pod(_, _, let port): port
        }
    }
}
