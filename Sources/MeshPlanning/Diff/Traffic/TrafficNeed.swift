import Diagnostics
import JSON
import MeshModel

/// A write of a client rule, an external host or an egress, with its place in the rollout.
struct TrafficNeed {
    var stage: Stage
    var wave: String?
    var change: TrafficChange
}

/// What a plan asks of one object that steers traffic.
struct TrafficRequest {
    var kind: TrafficKind
    var namespace: String
    /// For the object's name where there is none yet.
    var name: String
    var adopt: Bool
    /// Where the line `adopt: true` belongs.
    var place: String
    var wave: String?
    var range: SourceRange?
}

/// One object on its way to what a plan asks for.
struct TrafficWrites {
    private(set) var needs: [TrafficNeed] = []
    private(set) var diagnostics: [Diagnostic] = []

    /// - Parameters:
    ///   - found: the object that is there for it.
    ///   - path: the specs to write, stage by stage.
    init(
        _ request: TrafficRequest, on found: TrafficObject?, plan: String,
        path: [(Stage, JSONValue)]
    ) {
        var track: PolicyTrack
        if let found {
            guard path.contains(where: { $0.1 != found.image.spec }) else { return }
            let ownership = PolicyOwnership(found.meta, plan: plan)
            if let obstacle = ownership.obstacle(
                to: found.reference.text, found.meta, adopt: request.adopt,
                pasteUnder: request.place, at: request.range)
            {
                diagnostics = [obstacle]
                return
            }
            track = PolicyTrack(found, isAdopted: ownership == .foreign)
        } else {
            track = PolicyTrack(new: request.name, in: request.namespace)
        }
        for (stage, spec) in path {
            let next = PolicyImage(
                labels: track.image?.labels ?? PolicyOwnership.labels(plan: plan),
                annotations: track.image?.annotations ?? [:], spec: spec)
            guard let change = track.change(request.kind, to: next) else { continue }
            needs.append(TrafficNeed(stage: stage, wave: request.wave, change: change))
        }
    }
}
