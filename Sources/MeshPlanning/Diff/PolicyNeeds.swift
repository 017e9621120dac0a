import Diagnostics
import MeshModel

/// All policy writes that a plan asks for: the mesh's, the namespaces', the exceptions'.
struct PolicyNeeds {
    private(set) var needs: [PolicyNeed] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// The mesh's own writes and what rests on them, where the limit leaves them out.
    private(set) var meshWide: [PolicyNeed] = []

    private let plan: MeshPlan
    private let state: MeshState
    private let index: PeerAuthenticationIndex
    private let policies: [String: [PeerAuthentication]]
    private let pods: [String: [Pod]]
    private var mesh: ScopeModes

    /// - Parameter namespaces: those of the whole plan.
    init(
        _ plan: MeshPlan, _ namespaces: [ResolvedNamespace], enrolment: EnrolmentNeeds,
        state: MeshState, prune: Bool, within limit: WaveLimit = .everything
    ) {
        self.plan = plan
        self.state = state
        index = PeerAuthenticationIndex(
            state.peerAuthentications, rootNamespace: state.rootNamespace)
        policies = Dictionary(grouping: state.peerAuthentications, by: \.meta.namespace)
        pods = Dictionary(grouping: state.pods, by: \.meta.namespace)
        mesh = ScopeModes(
            explicit: Self.explicitMode(of: index.meshPolicy),
            inherited: ScopeModes(staying: EffectiveMode.byDefault))
        addMesh()
        if !limit.isEverything {
            swap(&meshWide, &needs)
            diagnostics = []
        }
        for resolved in namespaces where limit.includes(resolved.entry.wave) {
            add(resolved, enrolment: enrolment)
        }
        if limit.includes(nil) { addLeftOvers(namespaces, prune: prune) }
        // Without the mesh's step nothing is there yet that they could be handed to.
        if !meshWide.isEmpty {
            meshWide += needs.filter { $0.order == .afterMesh }
            needs.removeAll { $0.order == .afterMesh }
        }
    }

    private static func explicitMode(of policy: PeerAuthentication?) -> MTLSMode? {
        policy.flatMap { $0.mode == .unset ? nil : $0.mode }
    }

    private mutating func addMesh() {
        guard let want = plan.mesh.mtls else { return }
        mesh = add(
            ScopePolicyNeeds.Request(
                namespace: state.rootNamespace, isMesh: true, want: want, adopt: plan.mesh.adopt,
                wave: nil, inherited: ScopeModes(staying: EffectiveMode.byDefault),
                isEnforced: state.pods.contains(where: \.enforces), range: plan.mesh.range))
    }

    private mutating func add(_ resolved: ResolvedNamespace, enrolment: EnrolmentNeeds) {
        let (name, entry) = (resolved.name, resolved.entry)
        var modes = ScopeModes(
            explicit: Self.explicitMode(of: index.namespacePolicy(name)), inherited: mesh)
        if let want = entry.mtls {
            modes = add(
                ScopePolicyNeeds.Request(
                    namespace: name, isMesh: false, want: want, adopt: entry.adopt,
                    wave: entry.wave, inherited: mesh,
                    needsProtection: enrolment.gaining.contains(name),
                    isEnforced: isEnforced(in: name), range: entry.range))
        }
        let exceptions = ExceptionNeeds(
            resolved, plan: plan.name, modes: modes, policies: policies[name] ?? [],
            pods: pods[name] ?? [])
        needs += exceptions.needs
        diagnostics += exceptions.diagnostics
    }

    private mutating func add(_ request: ScopePolicyNeeds.Request) -> ScopeModes {
        let scope = ScopePolicyNeeds(
            request, plan: plan.name, policies: policies[request.namespace] ?? [])
        needs += scope.needs
        diagnostics += scope.diagnostics
        return scope.modes
    }

    private func isEnforced(in namespace: String) -> Bool {
        pods[namespace]?.contains(where: \.enforces) ?? false
    }

    /// What this plan made in namespaces that it no longer lists.
    private mutating func addLeftOvers(_ namespaces: [ResolvedNamespace], prune: Bool) {
        let listed = Set(namespaces.map(\.name))
        for policy in state.peerAuthentications
        where PolicyOwnership(policy, plan: plan.name) == .ours
            && !listed.contains(policy.meta.namespace)
            && policy.meta.namespace != state.rootNamespace
        {
            guard !prune else {
                self.prune(policy)
                continue
            }
            diagnostics.append(
                Diagnostic(
                    .leftOver, .warning,
                    "PeerAuthentication \(policy.text) was made by this plan, "
                        + "which no longer lists its namespace",
                    detail: "It stays. Remove it with --prune."))
        }
    }

    private mutating func prune(_ policy: PeerAuthentication) {
        let namespace = policy.meta.namespace
        // Another's policy of the namespace stays, and then holds for its workloads.
        let staying = index.namespacePolicy(namespace).flatMap {
            PolicyOwnership($0, plan: plan.name) == .ours ? nil : $0
        }
        let modes = ScopeModes(explicit: Self.explicitMode(of: staying), inherited: mesh)
        let removal = PolicyRemoval(
            of: PolicyTrack(policy, isAdopted: false),
            before: AcceptedTraffic(PolicyImage(policy), inherited: modes.now),
            after: AcceptedTraffic(mode: modes.finally, ports: [:]), stage: .strict,
            order: .afterMesh, wave: nil, isEnforced: isEnforced(in: namespace))
        needs += removal.needs
    }
}

extension Pod {
    /// Whether a data plane enforces policy on this pod's inbound traffic today.
    var enforces: Bool { isLive && (dataplane == .sidecar || dataplane == .ambient) }
}
