import MeshModel

/// The mode that holds for a policy's scope without the policy: that of the next one of the same scope, or
/// what the scope above hands down.
struct InheritedModes {
    /// Mesh- and namespace-wide policies by namespace, oldest first.
    private var wide: [String: [Statement]] = [:]
    private let rootNamespace: String

    private struct Statement {
        var name: String
        var mode: MTLSMode
    }

    init(_ state: MeshState) {
        rootNamespace = state.rootNamespace
        for policy in state.peerAuthentications.sorted(by: PeerAuthentication.isOlder)
        where !policy.selectsWorkloads {
            wide[policy.meta.namespace, default: []].append(
                Statement(name: policy.meta.name, mode: policy.mode))
        }
    }

    /// Writes a policy; one that was not there becomes the youngest.
    mutating func set(_ image: PolicyImage?, namespace: String, name: String) {
        let index = wide[namespace]?.firstIndex { $0.name == name }
        let mode = image.flatMap { $0.selectsWorkloads ? nil : PolicySpec.mode(of: $0.spec) }
        switch (index, mode) {
        case (let index?, let mode?): wide[namespace]?[index].mode = mode
        case (let index?, nil): wide[namespace]?.remove(at: index)
        case (nil, let mode?):
            wide[namespace, default: []].append(Statement(name: name, mode: mode))
        case (nil, nil): break
        }
    }

    /// What holds without the mesh- or namespace-wide policy of this name.
    func mode(in namespace: String, withoutWide name: String) -> MTLSMode {
        let next = wide[namespace]?.first { $0.name != name }?.mode ?? .unset
        if next != .unset { return next }
        return namespace == rootNamespace ? EffectiveMode.byDefault : ofMesh
    }

    /// What a policy with a selector inherits.
    func modeForWorkloads(in namespace: String) -> MTLSMode {
        let own = namespace == rootNamespace ? .unset : wide[namespace]?.first?.mode ?? .unset
        return own == .unset ? ofMesh : own
    }

    private var ofMesh: MTLSMode {
        let mode = wide[rootNamespace]?.first?.mode ?? .unset
        return mode == .unset ? EffectiveMode.byDefault : mode
    }
}
