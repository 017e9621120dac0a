import MeshModel

/// The way of one policy from what it says now to what it said before the run, in the phases of a rollback.
struct PolicyRestoration {
    var relax: PolicyChange?
    /// The deletion of what the run made, when nothing gets tighter by it.
    var remove: PolicyChange?
    var retighten: PolicyChange?

    /// - Parameters:
    ///   - now: the object as it is, nil when it is absent.
    ///   - inheritedNow: the mode that holds in its place without it, at present.
    ///   - inheritedBefore: the same, once the rollback is done.
    init(
        of policy: NetEffect.Policy, now: PeerAuthentication?, inheritedNow: MTLSMode,
        inheritedBefore: MTLSMode
    ) {
        let image = now.map { PolicyImage($0) }
        let current = AcceptedTraffic(image, inherited: inheritedNow)
        let target = AcceptedTraffic(policy.before, inherited: inheritedBefore)
        func change(from: PolicyImage?, to: PolicyImage?) -> PolicyChange? {
            guard from?.spec != to?.spec else { return nil }
            return PolicyChange(
                namespace: policy.namespace, name: policy.name, uid: now?.meta.uid ?? "",
                before: from, after: to, isAdopted: policy.isAdopted)
        }

        // Deleting hands the scope to what it inherits: while the mesh's own policy is on its way back,
        // that may still be the tight one.
        let meanwhile = AcceptedTraffic(policy.before, inherited: inheritedNow)
        if target != current, target.includes(current), meanwhile.includes(current),
            policy.before != nil || !isException(image)
        {
            relax = change(from: image, to: policy.before)
            return
        }
        let relaxed = current.union(target)
        var onTheWay = image
        if relaxed != current, let from = image ?? policy.before {
            let next = relaxed.written(into: from)
            relax = change(from: image, to: next)
            onTheWay = next
        }
        let last = change(from: onTheWay, to: policy.before)
        if policy.before == nil, target.includes(AcceptedTraffic(onTheWay, inherited: inheritedNow))
        {
            remove = last
        } else {
            retighten = last
        }
    }
}

/// An exception goes only after its namespace's policy is back: without it the port would inherit.
private func isException(_ image: PolicyImage?) -> Bool {
    image.map { PolicySpec.selector(of: $0.spec) != nil } ?? false
}
