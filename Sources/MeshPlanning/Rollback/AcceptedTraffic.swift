import JSON
import MeshModel

/// What a policy lets in, port by port: the measure of relaxing and tightening.
///
/// On a sidecar PERMISSIVE is the only top: STRICT and DISABLE are both restrictions.
struct AcceptedTraffic: Equatable {
    var mode: MTLSMode
    var ports: [Int: MTLSMode]

    /// Ports count only in a policy that selects workloads; Istio ignores them in others.
    ///
    /// - Parameter inherited: what holds where the policy, or its mode, is absent.
    init(_ image: PolicyImage?, inherited: MTLSMode) {
        let mode = image.map { PolicySpec.mode(of: $0.spec) } ?? .unset
        let ports = image.flatMap { $0.selectsWorkloads ? PolicySpec.ports(of: $0.spec) : nil }
        self.init(mode: mode == .unset ? inherited : mode, ports: ports ?? [:])
    }

    init(mode: MTLSMode, ports: [Int: MTLSMode]) {
        self.mode = mode
        self.ports = ports.mapValues { $0 == .unset ? mode : $0 }
    }

    func mode(of port: Int) -> MTLSMode { ports[port] ?? mode }

    /// Whether everything that `other` lets in is let in here too.
    func includes(_ other: AcceptedTraffic) -> Bool {
        Self.includes(mode, other.mode)
            && Set(ports.keys).union(other.ports.keys).allSatisfy {
                Self.includes(mode(of: $0), other.mode(of: $0))
            }
    }

    /// Whether the same is let in, however it is written.
    func isEquivalent(to other: AcceptedTraffic) -> Bool {
        includes(other) && other.includes(self)
    }

    /// The least that lets in what both let in.
    func union(_ other: AcceptedTraffic) -> AcceptedTraffic {
        let joint = Self.union(mode, other.mode)
        let all = Set(ports.keys).union(other.ports.keys)
        return AcceptedTraffic(
            mode: joint,
            ports: Dictionary(
                uniqueKeysWithValues: all.map { ($0, Self.union(mode(of: $0), other.mode(of: $0))) }
            ))
    }

    private static func includes(_ a: MTLSMode, _ b: MTLSMode) -> Bool {
        a == b || a == .permissive
    }

    private static func union(_ a: MTLSMode, _ b: MTLSMode) -> MTLSMode {
        a == b ? a : .permissive
    }

    /// A policy like `image` that lets this in.
    func written(into image: PolicyImage) -> PolicyImage {
        var changed = image
        changed.spec = PolicySpec.setting(mode: mode, in: image.spec)
        if !ports.isEmpty {
            changed.spec["portLevelMtls"] =
                PolicySpec.make(mode: mode, ports: ports)["portLevelMtls"]
        }
        return changed
    }
}
