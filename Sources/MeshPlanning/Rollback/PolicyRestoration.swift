import JSON
import MeshModel

/// The way of one policy from what it says now to what it said before the run.
///
/// At no time is a port refused what it takes both now and at the end: what is not a relaxing yet goes to
/// PERMISSIVE first, and tightens last.
struct PolicyRestoration {
    /// The modes that the policy's scope inherits: at present, once all policies are relaxed, at the end.
    struct Inherited {
        var now: MTLSMode
        var relaxed: MTLSMode
        var finally: MTLSMode
    }

    /// At once.
    private(set) var relax: PolicyChange?
    /// After relaxing, and then nothing gets tighter by it.
    private(set) var remove: PolicyChange?
    private(set) var retighten: PolicyChange?
    /// It goes back to a mode that it inherits, and only after the scope above has got it back.
    private(set) var restsOnScopeAbove = false

    init(_ policy: RestorableObjects.Policy, inherited: Inherited) {
        let (effect, now) = (policy.effect, policy.now)
        guard now?.spec != effect.before?.spec else { return }
        let image = now.map { PolicyImage($0) }
        let before = effect.before.map { PolicyImage(restoring: $0, in: image) }
        func change(from: PolicyImage?, to: PolicyImage?) -> PolicyChange? {
            guard from?.spec != to?.spec else { return nil }
            return PolicyChange(
                namespace: effect.namespace, name: effect.name, uid: now?.meta.uid ?? "",
                before: from, after: to, isAdopted: effect.isAdopted)
        }
        if let image, let before, !image.hasScope(of: before) {
            // Somebody else gave it to other workloads: there is no mode between the two.
            retighten = change(from: image, to: before)
            return
        }

        let start = AcceptedTraffic(image, inherited: inherited.now)
        let end = AcceptedTraffic(before, inherited: inherited.finally)
        let either = start.union(end)
        // The scope above is on its way as well: with its mode of now, and with that of soon.
        let goesBackAtOnce = [inherited.now, inherited.relaxed].allSatisfy {
            let meanwhile = AcceptedTraffic(before, inherited: $0)
            return meanwhile.includes(start) && either.includes(meanwhile)
        }
        // What only gets out of the way does not hurry.
        let isNoRelaxing = before == nil && start.isEquivalent(to: end)
        if goesBackAtOnce, !isNoRelaxing {
            relax = change(from: image, to: before)
            return
        }

        var onTheWay = image
        if !start.includes(either), let from = image ?? before {
            onTheWay = either.written(into: from)
            relax = change(from: image, to: onTheWay)
        }
        let last = change(from: onTheWay, to: before)
        let held = AcceptedTraffic(onTheWay, inherited: inherited.relaxed)
        let released = AcceptedTraffic(before, inherited: inherited.relaxed)
        // Under a scope that stands open for the moment, what is STRICT and will be would open too.
        restsOnScopeAbove = !either.includes(released)
        if released.includes(held), !restsOnScopeAbove {
            remove = last
        } else {
            retighten = last
        }
    }
}

extension PolicyImage {
    /// What `before` said, with the labels and annotations that are there: a run never changes those of an
    /// object that exists, so they are as they were, or somebody else's.
    init(restoring before: PolicyImage, in now: PolicyImage?) {
        self.init(
            labels: now?.labels ?? before.labels,
            annotations: now?.annotations ?? before.annotations,
            spec: before.spec)
    }

    fileprivate func hasScope(of other: PolicyImage) -> Bool {
        PolicySpec.selector(of: spec) == PolicySpec.selector(of: other.spec)
    }
}
