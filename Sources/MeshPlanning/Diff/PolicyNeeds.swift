import Diagnostics
import MeshModel

/// All policy writes that a plan asks for: the mesh's, the namespaces', the exceptions'.
struct PolicyNeeds {
    private(set) var needs: [PolicyNeed] = []
    private(set) var diagnostics: [Diagnostic] = []

    private let plan: MeshPlan
    private let state: MeshState
    private let meshNow: MTLSMode
    private let meshFinally: MTLSMode

    init(
        _ plan: MeshPlan, _ namespaces: [ResolvedNamespace], enrolment: EnrolmentNeeds,
        state: MeshState, prune: Bool
    ) {
        self.plan = plan
        self.state = state
        let index = PeerAuthenticationIndex(
            state.peerAuthentications, rootNamespace: state.rootNamespace)
        let mesh = index.meshPolicy?.mode ?? .unset
        meshNow = mesh == .unset ? EffectiveMode.byDefault : mesh
        switch plan.mesh.mtls {
        case nil: meshFinally = meshNow
        case .unset: meshFinally = EffectiveMode.byDefault
        case .some(let mode): meshFinally = mode
        }
        addMesh()
        for resolved in namespaces { add(resolved, enrolment: enrolment, index: index) }
        addLeftOvers(namespaces, prune: prune)
    }

    private mutating func addMesh() {
        guard let want = plan.mesh.mtls else { return }
        let scope = ScopePolicyNeeds(
            ScopePolicyNeeds.Request(
                namespace: state.rootNamespace, isMesh: true, want: want, adopt: plan.mesh.adopt,
                wave: nil, inheritedNow: EffectiveMode.byDefault,
                inheritedFinally: EffectiveMode.byDefault,
                enforcesNow: state.pods.contains(where: \.enforces), range: plan.mesh.range),
            plan: plan.name, policies: state.peerAuthentications)
        needs += scope.needs
        diagnostics += scope.diagnostics
    }

    private mutating func add(
        _ resolved: ResolvedNamespace, enrolment: EnrolmentNeeds, index: PeerAuthenticationIndex
    ) {
        let entry = resolved.entry
        let own = index.namespacePolicy(resolved.name).flatMap { $0.mode == .unset ? nil : $0.mode }
        let now = own ?? meshNow
        var modes = (now: now, permissive: now, finally: own ?? meshFinally)
        let needsProtection = enrolment.gaining.contains(resolved.name) && now == .strict
        if let want = entry.mtls {
            let scope = ScopePolicyNeeds(
                ScopePolicyNeeds.Request(
                    namespace: resolved.name, isMesh: false, want: want, adopt: entry.adopt,
                    wave: entry.wave, inheritedNow: meshNow, inheritedFinally: meshFinally,
                    needsProtection: needsProtection,
                    enforcesNow: state.pods.contains {
                        $0.meta.namespace == resolved.name && $0.enforces
                    }, range: entry.range),
                plan: plan.name, policies: state.peerAuthentications)
            needs += scope.needs
            diagnostics += scope.diagnostics
            modes = scope.modes
        } else if needsProtection {
            diagnostics.append(
                Diagnostic(
                    .enrolmentInheritsStrict,
                    "pods of \(resolved.name) would come under STRICT the moment they are enrolled",
                    detail: "The mode that holds there is STRICT, and nothing enforces it today. "
                        + "Say which mode the namespace should end with, and meshctl keeps plaintext "
                        + "alive on the way:",
                    remedy: "- name: \(resolved.name)\n  mtls: STRICT   # or PERMISSIVE",
                    at: entry.range))
        }
        let exceptions = ExceptionNeeds(resolved, plan: plan.name, modes: modes, state: state)
        needs += exceptions.needs
        diagnostics += exceptions.diagnostics
    }

    /// What this plan made in namespaces that it no longer lists.
    private mutating func addLeftOvers(_ namespaces: [ResolvedNamespace], prune: Bool) {
        let listed = Set(namespaces.map(\.name))
        for policy in state.peerAuthentications
        where PolicyOwnership(policy, plan: plan.name) == .ours
            && !listed.contains(policy.meta.namespace)
            && policy.meta.namespace != state.rootNamespace
        {
            guard prune else {
                diagnostics.append(
                    Diagnostic(
                        .leftOver, .warning,
                        "PeerAuthentication \(policy.text) was made by this plan, "
                            + "which no longer lists its namespace",
                        detail: "It stays. Remove it with --prune."))
                continue
            }
            var track = PolicyTrack(policy, isAdopted: false)
            if let change = track.change(to: nil) {
                needs.append(PolicyNeed(stage: .strict, order: .afterMesh, change: change))
            }
        }
    }
}

extension Pod {
    /// Whether a data plane enforces policy on this pod's inbound traffic today.
    var enforces: Bool { isLive && (dataplane == .sidecar || dataplane == .ambient) }
}
