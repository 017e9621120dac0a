/// Addresses given out in order: pods from 10.244.0.0/16, Services from 10.96.0.0/16.
///
/// They are never given out twice, so that a log line names one pod only.
struct AddressPool: Sendable, Codable, Equatable {
    private var pods = 9
    private var services = 9
    private var nodePorts = 0
    private var placements = 0

    mutating func podAddress() -> String {
        pods += 1
        return Self.address("10.244", pods)
    }

    mutating func serviceAddress() -> String {
        services += 1
        return Self.address("10.96", services)
    }

    mutating func nodePort() -> Int {
        nodePorts += 1
        return 30_000 + nodePorts % 2768
    }

    /// Round robin over `count` nodes.
    mutating func placement(among count: Int) -> Int {
        placements += 1
        return count > 0 ? (placements - 1) % count : 0
    }

    private static func address(_ prefix: String, _ number: Int) -> String {
        "\(prefix).\(number / 254 % 256).\(number % 254 + 1)"
    }
}
