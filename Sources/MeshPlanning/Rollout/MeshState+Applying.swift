package import MeshModel

/// The model of a change's effect: what the planner reasons on, and what a confirmed step must look like.
extension MeshState {
    package func applying(_ changes: some Sequence<Change>) -> MeshState {
        var projection = MeshProjection(self)
        for change in changes { projection.apply(change) }
        return projection.projected
    }
}
