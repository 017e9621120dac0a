import Diagnostics
import JSON
package import MeshModel

/// The way out when everything is on fire: each STRICT that comes from meshctl becomes PERMISSIVE, by what the
/// cluster shows alone. One batch, no gates, no waits.
///
/// Objects of others stay as they are. What of them keeps refusing plaintext is told.
package enum EmergencyPlanner {
    /// - Parameter withoutIstiod: istiod does not answer, so that its webhook refuses every policy that is
    ///   written. A deletion is not shown to it: a policy goes where its absence relaxes.
    package static func plan(
        on observed: MeshState, withoutIstiod: Bool = false
    ) -> PlannedRollback {
        let relaxation = EmergencyRelaxation(observed.sorted, withoutIstiod: withoutIstiod)
        let steps = relaxation.changes.enumerated().map { index, change in
            Step(id: StepID(index + 1), phase: .relax, batch: 1, change: .policy(change))
        }
        let standing = StandingStrict(
            observed, after: observed.applying(steps.map(\.change)),
            relaxed: Set(relaxation.changes.map { "\($0.namespace)/\($0.name)" }))
        return PlannedRollback(
            rollout: Rollout(steps: steps, settings: settings),
            diagnostics: standing.diagnostics + relaxation.diagnostics,
            leftAlone: standing.leftAlone)
    }

    /// Nothing is settled, and a pod whose release does not show is soon given up.
    static let settings = RunSettings(settle: .zero, confirm: .seconds(60))
}

/// The changes that relax what comes from meshctl.
private struct EmergencyRelaxation {
    private(set) var changes: [PolicyChange] = []
    private(set) var diagnostics: [Diagnostic] = []

    private let state: MeshState
    private let withoutIstiod: Bool
    /// As they are once those of meshctl are relaxed.
    private let relaxed: PeerAuthenticationIndex
    /// As they are.
    private let inherited: InheritedModes

    init(_ state: MeshState, withoutIstiod: Bool) {
        self.state = state
        self.withoutIstiod = withoutIstiod
        relaxed = PeerAuthenticationIndex(
            state.peerAuthentications.map {
                MeshctlMark.plan(of: $0) == nil ? $0 : $0.with(spec: $0.relaxedSpec)
            }, rootNamespace: state.rootNamespace)
        inherited = InheritedModes(state)
        // What is in a namespace that is being deleted goes with it.
        let living = state.namespaces.filter { !$0.meta.isTerminating }
        let names = Set(living.map(\.name))
        for policy in state.peerAuthentications where names.contains(policy.meta.namespace) {
            relax(policy)
        }
        for namespace in living { open(namespace) }
    }

    private mutating func relax(_ policy: PeerAuthentication) {
        guard MeshctlMark.plan(of: policy) != nil else { return }
        var spec = policy.relaxedSpec
        if inheritsStrictOfOthers(policy) { spec = PolicySpec.setting(mode: .permissive, in: spec) }
        guard spec != policy.spec else { return }
        let before = PolicyImage(policy)
        var after: PolicyImage? = before
        after?.spec = spec
        if withoutIstiod, absenceRelaxes(policy) { after = nil }
        changes.append(
            PolicyChange(
                namespace: policy.meta.namespace, name: policy.meta.name, uid: policy.meta.uid,
                before: before, after: after,
                isAdopted: !MeshctlMark.isAppliedByPlanAlone(policy.meta)))
        if let manager = FieldOwnership.reconciler(of: ["spec"], in: policy.meta) {
            diagnostics.append(
                Diagnostic(
                    .managedElsewhere, .warning,
                    "PeerAuthentication \(policy.text) is managed by \(manager)",
                    detail: "It may set STRICT back: pause \(manager) for it."))
        }
    }

    /// The mode is nobody's here, and the scope above gets it from somebody else.
    private func inheritsStrictOfOthers(_ policy: PeerAuthentication) -> Bool {
        let namespace = policy.meta.namespace
        guard policy.mode == .unset, namespace != state.rootNamespace else { return false }
        let own = relaxed.namespacePolicy(namespace)
        if !policy.selectsWorkloads, own?.meta.name != policy.meta.name { return false }
        let mode = own?.mode ?? .unset
        return (mode == .unset ? relaxed.meshPolicy?.mode : mode) == .strict
    }

    /// A namespace that meshctl brought into the mesh, and that a mesh-wide STRICT of somebody else holds for.
    private mutating func open(_ namespace: Namespace) {
        let keys = [LabelKeys.dataplaneMode, LabelKeys.injection, LabelKeys.revision]
        guard let plan = MeshctlMark.plan(settingLabels: keys, of: namespace.meta),
            namespace.name != state.rootNamespace, relaxed.namespacePolicy(namespace.name) == nil,
            relaxed.meshPolicy?.mode == .strict
        else { return }
        let name = "default"
        guard
            !state.peerAuthentications.contains(where: {
                $0.meta.namespace == namespace.name && $0.meta.name == name
            })
        else {
            diagnostics.append(
                Diagnostic(
                    .policyNameTaken, .warning,
                    "namespace \(namespace.name) stays STRICT: its policy \(name) has a selector",
                    detail: "Make a policy for the whole namespace under another name."))
            return
        }
        changes.append(
            PolicyChange(
                namespace: namespace.name, name: name, uid: "", before: nil,
                after: PolicyImage(
                    labels: PolicyOwnership.labels(plan: plan),
                    spec: PolicySpec.make(mode: .permissive))))
    }

    /// Only of what meshctl made: an adopted policy is its owner's to delete.
    private func absenceRelaxes(_ policy: PeerAuthentication) -> Bool {
        guard MeshctlMark.isMade(policy.meta) else { return false }
        let namespace = policy.meta.namespace
        guard policy.selectsWorkloads else {
            return inherited.mode(in: namespace, withoutWide: policy.meta.name) == .permissive
        }
        // Another policy that may select the same pods would take its place.
        let isAlone = !state.peerAuthentications.contains { other in
            other.meta.namespace == namespace && other.selectsWorkloads
                && other.meta.name != policy.meta.name && other.mayMeet(policy)
        }
        return isAlone && inherited.modeForWorkloads(in: namespace) == .permissive
    }
}

extension PeerAuthentication {
    /// The same with PERMISSIVE in the place of STRICT. Ports count only with a selector.
    var relaxedSpec: JSONValue {
        var relaxed = spec
        if PolicySpec.mode(of: spec) == .strict {
            relaxed = PolicySpec.setting(mode: .permissive, in: relaxed)
        }
        guard selectsWorkloads else { return relaxed }
        for (port, entry) in spec["portLevelMtls"]?.object ?? [:]
        where entry["mode"]?.string == MTLSMode.strict.rawValue {
            var ports = relaxed["portLevelMtls"] ?? [:]
            var opened = entry
            opened["mode"] = .string(MTLSMode.permissive.rawValue)
            ports[port] = opened
            relaxed["portLevelMtls"] = ports
        }
        return relaxed
    }

    fileprivate func with(spec: JSONValue) -> PeerAuthentication {
        var changed = self
        changed.spec = spec
        changed.mode = PolicySpec.mode(of: spec)
        changed.portModes = PolicySpec.ports(of: spec)
        return changed
    }

    /// Whether a pod can have the labels that both ask for.
    func mayMeet(_ other: PeerAuthentication) -> Bool {
        let labels = selector?.matchLabels ?? [:]
        return (other.selector?.matchLabels ?? [:]).allSatisfy { key, value in
            labels[key] == nil || labels[key] == value
        }
    }
}
