import MeshModel

// What is taken, or made, before its time where no order of a segment's own steps keeps the flows.
extension OrderSearch {
    /// Some steps of the stage `permissive` are needed before their time. Who leaves the mesh can call its
    /// servers only once they accept plaintext, so what that stage opens is opened first. A server that is to
    /// take mTLS on a port where it did not, or does not for long, needs its clients pinned first: by the
    /// plan's own rule, or for as long as the segment lasts.
    mutating func preparing(
        _ segment: [[Placed]], breaking flows: Set<Int>, from later: [[Placed]]
    ) -> [[Placed]]? {
        let phase = segment[0][0].step.phase
        let names = Set(
            flows.compactMap { guarantee.flows[$0].flow.server.namespace }
                + [guarantee.world.index.state.rootNamespace])
        let candidates = later.flatMap(\.self).filter {
            $0.step.phase == .permissive && names.contains($0.step.change.namespace)
                && !ahead.contains($0)
        }
        let rules = phase > .permissive ? [] : candidates.filter(\.step.change.isClientRule)
        let opening = phase > .enroll ? [] : candidates.filter { $0.step.marks.contains(.loosens) }
        let entries = phase > .enroll ? [] : openings(ofHostsOf: flows, in: later)
        let egress = phase > .enroll ? [] : egress(ofClientsOf: flows, in: later)
        let choices = [rules, opening, rules + opening, entries, entries + egress]
            .filter { !$0.isEmpty }
        for isPinned in [false, true] {
            for chosen in isPinned ? [[]] + choices : choices {
                let first = chosen.map { placed in
                    var moved = placed
                    moved.step.phase = phase
                    return moved
                }
                let batches = first.isEmpty ? [] : [first]
                let order = isPinned ? pinned(segment, after: batches) : batches + segment
                guard let order, isKept(by: order) else { continue }
                ahead.formUnion(chosen)
                return order
            }
        }
        return nil
    }

    /// The segment with the clients pinned that would break in it; nil where pins do not help.
    private mutating func pinned(_ segment: [[Placed]], after first: [[Placed]]) -> [[Placed]]? {
        let start = guarantee
        defer { guarantee = start }
        _ = guarantee.take(inOrder: first)
        var trial = guarantee
        let breaks = trial.take(inOrder: segment).filter { isRequired($0.key) }
        let model = segment[0][0]
        guard
            let pins = ClientPins(
                for: breaks.sorted { $0.key < $1.key }.map(\.value), in: guarantee.world, plan: plan
            )
        else { return nil }
        let pinning = pins.pinning(around: model.step).map { Placed(step: $0, place: model.place) }
        let unpinning = pins.unpinning(around: model.step)
            .map { Placed(step: $0, place: model.place) }
        _ = guarantee.take(inOrder: [pinning])
        trial = guarantee
        let left = Set(trial.take(inOrder: segment).keys.filter(isRequired))
        guard let middle = left.isEmpty ? segment : search(segment, mending: left) else {
            return nil
        }
        return first + [pinning] + middle + [unpinning]
    }

    private func isKept(by order: [[Placed]]) -> Bool {
        var trial = guarantee
        return trial.take(inOrder: order).keys.allSatisfy { !isRequired($0) }
    }

    /// What tells sidecars of the hosts outside that these flows lead to: who gets a sidecar under REGISTRY_ONLY
    /// needs it first.
    private func openings(ofHostsOf flows: Set<Int>, in later: [[Placed]]) -> [Placed] {
        let hosts = flows.compactMap { number -> String? in
            guard case .host(let host, _) = guarantee.flows[number].flow.server else { return nil }
            return host
        }
        return later.flatMap(\.self).filter { placed in
            guard placed.step.phase == .permissive, !ahead.contains(placed),
                case .traffic(let change) = placed.step.change
            else { return false }
            return hosts.contains { change.names(host: $0) }
        }
    }

    /// The `Sidecar`s of the clients of those flows that lead outside.
    private func egress(ofClientsOf flows: Set<Int>, in later: [[Placed]]) -> [Placed] {
        let outside = flows.map { guarantee.flows[$0] }.filter { $0.flow.server.namespace == nil }
        let clients = Set(
            outside.flatMap(\.pairs).compactMap { $0.client.namespace(in: guarantee.world) })
        return later.flatMap(\.self).filter { placed in
            guard placed.step.phase == .permissive, !ahead.contains(placed),
                case .traffic(let change) = placed.step.change
            else { return false }
            return change.kind == .sidecar && clients.contains(change.namespace)
        }
    }
}
