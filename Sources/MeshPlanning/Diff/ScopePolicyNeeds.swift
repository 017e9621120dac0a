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
        /// The mode that holds without a policy here: now, and when the mesh has got where it goes.
        var inheritedNow: MTLSMode
        var inheritedFinally: MTLSMode
        /// Pods come under an inherited STRICT that nothing here enforces yet: keep plaintext alive first.
        var needsProtection = false
        /// Pods under this scope have a data plane that enforces its mode today.
        var enforcesNow = true
        var range: SourceRange?
    }

    private(set) var needs: [PolicyNeed] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// The scope's mode before, after the stage `permissive`, and at the end.
    private(set) var modes: (now: MTLSMode, permissive: MTLSMode, finally: MTLSMode)

    init(_ request: Request, plan: String, policies: [PeerAuthentication]) {
        let here = policies.filter {
            $0.meta.namespace == request.namespace && !$0.selectsWorkloads
        }
        .sorted(by: PeerAuthentication.isOlder)
        let own = here.first
        let explicit = own.flatMap { $0.mode == .unset ? nil : $0.mode }
        let now = explicit ?? request.inheritedNow
        modes = (now, now, explicit ?? request.inheritedFinally)

        if let shadow = Self.shadow(here, plan: plan, range: request.range) {
            diagnostics.append(shadow)
        }
        if request.want == .unset {
            remove(request, own: own, plan: plan)
        } else {
            let path = Self.path(request, explicit: explicit, now: now)
            write(path, request: request, own: own, plan: plan, now: now)
        }
    }

    /// The modes to write, stage by stage.
    private static func path(
        _ request: Request, explicit: MTLSMode?, now: MTLSMode
    ) -> [(Stage, MTLSMode)] {
        var path: [(Stage, MTLSMode)] = []
        var current = explicit
        func set(_ stage: Stage, _ mode: MTLSMode) {
            if current != mode { path.append((stage, mode)) }
            current = mode
        }
        let isSettled =
            explicit == nil && request.inheritedNow == request.want
            && request.inheritedFinally == request.want
        if request.needsProtection, now == .strict { set(.enroll, .permissive) }
        if isSettled, current == nil { return [] }
        let effective = current ?? request.inheritedNow
        switch request.want {
        case .permissive:
            set(.permissive, .permissive)
        case .strict:
            // A mesh without a policy accepts everything already; a namespace says so itself, so that
            // the mesh's flip cannot change it.
            if effective == .disable || (effective == .permissive && !request.isMesh) {
                set(.permissive, .permissive)
            }
            set(.strict, .strict)
        case .disable:
            if effective == .strict { set(.permissive, .permissive) }
            set(.strict, .disable)
        case .unset:
            break
        }
        return path
    }

    private mutating func write(
        _ path: [(Stage, MTLSMode)], request: Request, own: PeerAuthentication?, plan: String,
        now: MTLSMode
    ) {
        guard !path.isEmpty else { return }
        let ownership = own.map { PolicyOwnership($0, plan: plan) } ?? .ours
        if let own,
            let obstacle = ownership.obstacle(
                to: own, adopt: request.adopt,
                pasteUnder: request.isMesh ? "mesh" : "the namespace",
                at: request.range)
        {
            diagnostics.append(obstacle)
            return
        }
        var track =
            own.map { PolicyTrack($0, isAdopted: ownership == .foreign) }
            ?? PolicyTrack(new: "default", in: request.namespace)
        var current = now
        for (stage, mode) in path {
            let spec = track.image.map { PolicySpec.setting(mode: mode, in: $0.spec) }
            let next = PolicyImage(
                labels: track.image?.labels ?? PolicyOwnership.labels(plan: plan),
                annotations: track.image?.annotations ?? [:],
                spec: spec ?? PolicySpec.make(mode: mode))
            guard let change = track.change(to: next) else { continue }
            let loosens = current == .strict && mode != .strict && request.enforcesNow
            needs.append(
                PolicyNeed(
                    stage: stage, order: request.isMesh ? .mesh : .namespaces, wave: request.wave,
                    change: change, marks: loosens ? [.loosens] : []))
            current = mode
            if stage <= .permissive { modes.permissive = mode }
            modes.finally = mode
        }
    }

    /// `mtls: UNSET`: ours goes; somebody else's stays, unless adopted.
    private mutating func remove(_ request: Request, own: PeerAuthentication?, plan: String) {
        guard let own else { return }
        let ownership = PolicyOwnership(own, plan: plan)
        if ownership == .foreign, !request.adopt {
            diagnostics.append(
                Diagnostic(
                    .leftOver, .warning,
                    "PeerAuthentication \(own.text) was not made by meshctl and stays",
                    detail: "`mtls: UNSET` removes only what meshctl made.", at: request.range))
            return
        }
        if let obstacle = ownership.obstacle(
            to: own, adopt: request.adopt, pasteUnder: "the namespace", at: request.range)
        {
            diagnostics.append(obstacle)
            return
        }
        var track = PolicyTrack(own, isAdopted: ownership == .foreign)
        var next: PolicyImage?
        if ownership == .foreign, var image = track.image {
            image.spec = PolicySpec.setting(mode: .unset, in: image.spec)
            next = image
        }
        guard own.mode != .unset || next == nil, let change = track.change(to: next) else { return }
        let opens = own.mode == .strict && request.inheritedFinally != .strict
        let relaxes = opens || (own.mode == .disable && request.inheritedFinally == .permissive)
        modes.finally = request.inheritedFinally
        if relaxes { modes.permissive = request.inheritedNow }
        needs.append(
            PolicyNeed(
                stage: relaxes ? .permissive : .strict, order: relaxes ? .namespaces : .afterMesh,
                wave: request.wave, change: change, marks: opens ? [.loosens] : []))
    }

    private static func shadow(
        _ here: [PeerAuthentication], plan: String, range: SourceRange?
    ) -> Diagnostic? {
        guard let oldest = here.first,
            let loser = here.dropFirst().first(where: { PolicyOwnership($0, plan: plan) == .ours })
        else { return nil }
        return Diagnostic(
            .shadowedPolicy,
            "PeerAuthentication \(loser.text) of this plan is shadowed by the older \(oldest.text)",
            detail: "Of two policies of one scope the oldest wins whole. "
                + "Delete the older one, after checking that nobody needs it, then plan again.",
            remedy: "kubectl -n \(oldest.meta.namespace) delete peerauthentication "
                + oldest.meta.name, at: range)
    }
}
