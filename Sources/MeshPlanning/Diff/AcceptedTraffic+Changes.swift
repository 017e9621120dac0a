import MeshModel

/// What a change of policy does to the ports under it, judged by what they accept.
extension AcceptedTraffic {
    /// Whether a port would go straight from DISABLE to STRICT or back: clients and servers learn of a
    /// change at different times, and PERMISSIVE is the mode that takes both (istio issue 48290).
    func flips(to next: AcceptedTraffic) -> Bool {
        pairs(with: next).contains { before, after in
            before != after && before != .permissive && after != .permissive
        }
    }

    /// Whether a port that is STRICT gets another mode.
    func loosens(to next: AcceptedTraffic) -> Bool {
        pairs(with: next).contains { before, after in before == .strict && after != .strict }
    }

    /// Whether a port that takes plaintext takes it no longer. A sidecar that goes to DISABLE ends mTLS instead.
    func endsPlaintext(on next: AcceptedTraffic) -> Bool {
        pairs(with: next).contains { before, after in before != .strict && after == .strict }
    }

    private func pairs(with next: AcceptedTraffic) -> [(MTLSMode, MTLSMode)] {
        let ports = Set(ports.keys).union(next.ports.keys)
        return [(mode, next.mode)] + ports.map { (mode(of: $0), next.mode(of: $0)) }
    }
}
