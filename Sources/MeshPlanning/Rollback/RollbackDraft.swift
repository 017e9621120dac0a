import Diagnostics
import JSON
import MeshModel

/// The steps of a rollback while they are put together.
struct RollbackDraft {
    private(set) var conflicts: [RollbackConflict] = []
    private(set) var diagnostics: [Diagnostic] = []
    private var batches: [Phase: [[Change]]] = [:]
    private let state: MeshState
    private let overwrite: Bool

    init(_ effect: NetEffect, state: MeshState, overwrite: Bool) {
        self.state = state
        self.overwrite = overwrite
        restorePolicies(effect)
        restoreDataplanes(effect)
    }

    mutating func keepOnlyRelaxing() { batches = batches.filter { $0.key == .relax } }

    var steps: [Step] {
        var steps: [Step] = []
        var batch = 0
        for phase in [Phase.relax, .restore, .remove, .retighten] {
            for changes in batches[phase] ?? [] where !changes.isEmpty {
                batch += 1
                for change in changes {
                    var isPolicy = false
                    if case .policy = change { isPolicy = true }
                    steps.append(
                        Step(
                            id: StepID(steps.count + 1), phase: phase, batch: batch,
                            settles: isPolicy, change: change))
                }
            }
        }
        return steps
    }

    // MARK: - Policies

    private mutating func restorePolicies(_ effect: NetEffect) {
        let root = state.rootNamespace
        let index = PeerAuthenticationIndex(state.peerAuthentications, rootNamespace: root)
        let meshNow = mode(of: index.meshPolicy.map { PolicyImage($0) })
        let mesh = effect.policies.first { policy in
            policy.namespace == root
                && index.meshPolicy.map { $0.meta.name == policy.name } ?? true
        }
        let meshBefore = mesh.map { mode(of: $0.before) } ?? meshNow
        var phases: [Phase: [Change]] = [:]
        for policy in effect.policies {
            guard let now = present(policy) else { continue }
            let restoration = PolicyRestoration(
                of: policy, now: now.policy,
                inheritedNow: inherited(policy, mesh: meshNow, index: index),
                inheritedBefore: inheritedBefore(
                    policy, mesh: meshBefore, effect: effect, index: index))
            if let change = restoration.relax {
                phases[.relax, default: []].append(.policy(change))
            }
            if let change = restoration.remove {
                phases[.remove, default: []].append(.policy(change))
            }
            if let change = restoration.retighten {
                phases[.retighten, default: []].append(.policy(change))
            }
        }
        for (phase, changes) in phases {
            batches[phase, default: []].append(changes.sorted { $0.object < $1.object })
        }
    }

    private struct Present { var policy: PeerAuthentication? }

    /// The object as it is; nil when it is in conflict or its namespace is gone.
    private mutating func present(_ policy: NetEffect.Policy) -> Present? {
        guard state.namespaces.contains(where: { $0.name == policy.namespace }) else {
            diagnostics.append(
                Diagnostic(
                    .leftOver, .note,
                    "namespace \(policy.namespace) is gone, and its policies with it"))
            return nil
        }
        let now = state.peerAuthentications.first {
            $0.meta.namespace == policy.namespace && $0.meta.name == policy.name
        }
        let isOurs = policy.ours.contains(now?.spec) || now?.spec == policy.before?.spec
        if isOurs || overwrite { return Present(policy: now) }
        conflicts.append(
            RollbackConflict(
                object: ObjectReference(
                    kind: "PeerAuthentication", namespace: policy.namespace, name: policy.name),
                before: policy.before?.spec ?? .null,
                ours: policy.latest ?? .null,
                now: now?.spec ?? .null))
        return nil
    }

    private func mode(of image: PolicyImage?) -> MTLSMode {
        AcceptedTraffic(image, inherited: EffectiveMode.byDefault).mode
    }

    /// What holds for a policy's scope without it, at present.
    private func inherited(
        _ policy: NetEffect.Policy, mesh: MTLSMode, index: PeerAuthenticationIndex
    ) -> MTLSMode {
        if policy.namespace == state.rootNamespace { return EffectiveMode.byDefault }
        guard policy.isException else { return mesh }
        return AcceptedTraffic(
            index.namespacePolicy(policy.namespace).map { PolicyImage($0) }, inherited: mesh
        ).mode
    }

    /// The same, once the rollback is done.
    private func inheritedBefore(
        _ policy: NetEffect.Policy, mesh: MTLSMode, effect: NetEffect,
        index: PeerAuthenticationIndex
    ) -> MTLSMode {
        if policy.namespace == state.rootNamespace { return EffectiveMode.byDefault }
        guard policy.isException else { return mesh }
        let wide = effect.policies.first {
            $0.namespace == policy.namespace && !$0.isException
        }
        let image =
            wide.map(\.before)
            ?? index.namespacePolicy(policy.namespace).map { PolicyImage($0) }
        return AcceptedTraffic(image, inherited: mesh).mode
    }

    // MARK: - Data planes

    private mutating func restoreDataplanes(_ effect: NetEffect) {
        let workloads = WorkloadIndex(state)
        for labels in effect.labels.sorted(by: { $0.namespace < $1.namespace }) {
            guard
                let namespace = state.namespaces.first(where: { $0.name == labels.namespace })
            else {
                diagnostics.append(
                    Diagnostic(.leftOver, .note, "namespace \(labels.namespace) is gone"))
                continue
            }
            guard isUntouched(labels, namespace) else { continue }
            let need = EnrolmentNeed(
                namespace, wave: nil, target: labels.before, state: state, workloads: workloads)
            diagnostics += need.diagnostics
            let restarts = need.restarts.map { [Change.restart($0.change)] }
            batches[.restore, default: []] +=
                need.labelsFirst.map { [Change.labels($0)] } + restarts
                + need.labelsLast.map { [Change.labels($0)] }
        }
    }

    private mutating func isUntouched(_ labels: NetEffect.Labels, _ namespace: Namespace) -> Bool {
        let present = namespace.meta.labels
        let moved = labels.before.keys.sorted().filter { key in
            let now = present[key]
            let isOurs = labels.ours[key]?.contains(now) ?? false
            return !isOurs && now != (labels.before[key] ?? nil)
        }
        guard !moved.isEmpty, !overwrite else { return true }
        func column(_ value: (String) -> String?) -> JSONValue {
            .object(
                Dictionary(
                    uniqueKeysWithValues: moved.map {
                        ($0, value($0).map(JSONValue.string) ?? .null)
                    }))
        }
        conflicts.append(
            RollbackConflict(
                object: ObjectReference(kind: "Namespace", namespace: "", name: namespace.name),
                before: column { labels.before[$0] ?? nil },
                ours: column { labels.latest[$0] ?? nil },
                now: column { present[$0] }))
        return false
    }
}

extension NetEffect.Policy {
    /// Whether the object selects workloads, by any of its images.
    var isException: Bool {
        if let before { return PolicySpec.selector(of: before.spec) != nil }
        return ours.contains { $0.map { PolicySpec.selector(of: $0) != nil } ?? false }
    }
}
