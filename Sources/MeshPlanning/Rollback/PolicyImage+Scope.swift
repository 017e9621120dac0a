import MeshModel

extension PolicyImage {
    /// Whether it selects workloads; an empty selector selects none, and is the whole namespace's or mesh's.
    var selectsWorkloads: Bool {
        !(PolicySpec.selector(of: spec)?.matchLabels.isEmpty ?? true)
    }
}
