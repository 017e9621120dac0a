import Diagnostics
import MeshModel

/// The mesh-wide or namespace-wide PeerAuthentication on its way to the wanted mode.
///
/// Never straight from DISABLE to STRICT or back: clients and servers learn of a change at different
/// times, and PERMISSIVE is the mode that takes both (istio issue 48290).
struct ScopePolicyNeeds {
    /// What is asked of one scope.
    struct Request {
        /// The root namespace for the mesh.
        var namespace: String
        var isMesh: Bool
        var want: MTLSMode
        var adopt: Bool
        var wave: String?
        /// The modes that hold without a policy here.
        var inherited: ScopeModes
        /// Pods come under a STRICT that nothing here enforces yet: keep plaintext alive first.
        var needsProtection = false
        /// Pods under this scope have a data plane that enforces its mode today.
        var isEnforced: Bool
        var range: SourceRange?
    }

    private(set) var needs: [PolicyNeed] = []
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var modes: ScopeModes

    private let request: Request
    private let plan: String

    /// - Parameter policies: those of the scope's namespace.
    init(_ request: Request, plan: String, policies: [PeerAuthentication]) {
        self.request = request
        self.plan = plan
        let here = policies.filter { !$0.selectsWorkloads }.sorted(by: PeerAuthentication.isOlder)
        let own = here.first
        let explicit = own.flatMap { $0.mode == .unset ? nil : $0.mode }
        modes = ScopeModes(explicit: explicit, inherited: request.inherited)

        reportShadow(here)
        if request.want == .unset {
            if let own { remove(own) }
            return
        }
        let path = path(from: explicit)
        guard !path.isEmpty else { return }
        guard let own else {
            let taken = policies.contains { $0.selectsWorkloads && $0.meta.name == Self.name }
            taken
                ? reportTakenName()
                : write(path, to: PolicyTrack(new: Self.name, in: request.namespace))
            return
        }
        if let track = track(of: own) { write(path, to: track) }
    }

    private static let name = "default"

    /// The modes to write, stage by stage.
    private func path(from explicit: MTLSMode?) -> [(Stage, MTLSMode)] {
        let (want, inherited) = (request.want, request.inherited)
        var path: [(Stage, MTLSMode)] = []
        var current = explicit
        func set(_ stage: Stage, _ mode: MTLSMode) {
            if current != mode { path.append((stage, mode)) }
            current = mode
        }
        if request.needsProtection, modes.now == .strict { set(.enroll, .permissive) }
        guard let effective = current ?? (inherited.now == want ? nil : inherited.now) else {
            // It is so by inheritance. Where that is not to last, say so here before the mesh moves.
            if !inherited.stays(want) { set(.permissive, want) }
            return path
        }
        let isFlip = AcceptedTraffic(mode: effective, ports: [:])
            .flips(to: AcceptedTraffic(mode: want, ports: [:]))
        // A mesh without a policy accepts everything already; a namespace says so itself, so that the
        // mesh's flip cannot change it.
        let isToBeExplicit = want == .strict && effective == .permissive && !request.isMesh
        if want == .permissive || isFlip || isToBeExplicit { set(.permissive, .permissive) }
        set(want == .permissive ? .permissive : .strict, want)
        return path
    }

    private mutating func write(_ path: [(Stage, MTLSMode)], to track: PolicyTrack) {
        var track = track
        var current = modes.now
        for (stage, mode) in path {
            let spec = track.image.map { PolicySpec.setting(mode: mode, in: $0.spec) }
            let next = PolicyImage(
                labels: track.image?.labels ?? PolicyOwnership.labels(plan: plan),
                annotations: track.image?.annotations ?? [:],
                spec: spec ?? PolicySpec.make(mode: mode))
            guard let change = track.change(to: next) else { continue }
            let loosens = current == .strict && mode != .strict && request.isEnforced
            needs.append(
                PolicyNeed(
                    stage: stage, order: request.isMesh ? .mesh : .namespaces, wave: request.wave,
                    change: change, marks: loosens ? [.loosens] : []))
            current = mode
            if stage == .enroll { modes.enrolled = mode }
            if stage <= .permissive { modes.permissive = mode }
            modes.finally = mode
        }
    }

    /// `mtls: UNSET`: ours goes; somebody else's stays, unless adopted, and then loses its mode.
    private mutating func remove(_ own: PeerAuthentication) {
        let isForeign = PolicyOwnership(own, plan: plan) == .foreign
        if isForeign, !request.adopt {
            diagnostics.append(
                Diagnostic(
                    .leftOver, .warning,
                    "PeerAuthentication \(own.text) was not made by meshctl and stays",
                    detail: "`mtls: UNSET` removes only what meshctl made.", at: request.range))
            return
        }
        if isForeign, own.mode == .unset { return }
        guard let track = track(of: own) else { return }
        var rest = isForeign ? track.image : nil
        if let image = rest { rest?.spec = PolicySpec.setting(mode: .unset, in: image.spec) }

        let before = AcceptedTraffic(mode: modes.now, ports: [:])
        let after = AcceptedTraffic(mode: request.inherited.finally, ports: [:])
        let relaxes = before != after && after.includes(before)
        let removal = PolicyRemoval(
            of: track, leaving: rest, before: before, after: after,
            detour: request.isMesh ? .mesh : .namespaces, stage: relaxes ? .permissive : .strict,
            order: request.isMesh ? .mesh : .afterMesh, wave: request.wave,
            isEnforced: request.isEnforced)
        needs += removal.needs
        if before.flips(to: after) { modes.permissive = .permissive }
        if relaxes { modes.permissive = request.inherited.permissive }
        modes.finally = request.inherited.finally
    }

    /// nil, with a diagnostic, where the policy must not be changed.
    private mutating func track(of own: PeerAuthentication) -> PolicyTrack? {
        let ownership = PolicyOwnership(own, plan: plan)
        if let obstacle = ownership.obstacle(
            to: own, adopt: request.adopt, pasteUnder: request.isMesh ? "mesh" : "the namespace",
            at: request.range)
        {
            diagnostics.append(obstacle)
            return nil
        }
        return PolicyTrack(own, isAdopted: ownership == .foreign)
    }

    private mutating func reportShadow(_ here: [PeerAuthentication]) {
        guard let oldest = here.first,
            let loser = here.dropFirst().first(where: { PolicyOwnership($0, plan: plan) == .ours })
        else { return }
        diagnostics.append(
            Diagnostic(
                .shadowedPolicy,
                "PeerAuthentication \(loser.text) of this plan is shadowed by the older \(oldest.text)",
                detail: "Of two policies of one scope the oldest wins whole. "
                    + "Delete the older one, after checking that nobody needs it, then plan again.",
                remedy: "kubectl -n \(oldest.meta.namespace) delete peerauthentication "
                    + oldest.meta.name, at: request.range))
    }

    private mutating func reportTakenName() {
        diagnostics.append(
            Diagnostic(
                .policyNameTaken,
                "PeerAuthentication \(request.namespace)/\(Self.name) has a selector, "
                    + "and its name is needed for \(request.isMesh ? "the mesh" : "the namespace")",
                detail: "The policy of a whole namespace, or of the mesh, is called "
                    + "`\(Self.name)`. Give the workload policy another name, then plan again.",
                at: request.range))
    }
}
