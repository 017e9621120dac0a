package import MeshModel

/// A plan named `home`: `plan(mtls: .strict, entry("shop", .sidecar, mtls: .strict))`.
package func plan(
    mtls: MTLSMode? = nil, adopt: Bool = false, waves: [String] = [],
    _ namespaces: NamespaceEntry..., configure: (inout MeshPlan) -> Void = { _ in }
) -> MeshPlan {
    var plan = MeshPlan(name: "home")
    plan.mesh.mtls = mtls
    plan.mesh.adopt = adopt
    plan.namespaces = namespaces
    plan.rollout.waves = waves
    configure(&plan)
    return plan
}

package func entry(
    _ name: String, _ dataplane: DesiredDataplane? = nil, revision: String? = nil,
    mtls: MTLSMode? = nil, wave: String? = nil, adopt: Bool = false,
    exceptions: [ExceptionEntry] = []
) -> NamespaceEntry {
    entry(
        .name(name), dataplane, revision: revision, mtls: mtls, wave: wave, adopt: adopt,
        exceptions: exceptions)
}

/// An entry for all namespaces with these labels.
package func entry(
    matching labels: [String: String], _ dataplane: DesiredDataplane? = nil,
    mtls: MTLSMode? = nil, wave: String? = nil
) -> NamespaceEntry {
    entry(.selector(LabelSelector(labels)), dataplane, mtls: mtls, wave: wave)
}

package func exception(
    _ name: String, _ selector: [String: String], _ ports: [Int: MTLSMode], adopt: Bool = false
) -> ExceptionEntry {
    var entry = ExceptionEntry(
        name: name, selector: LabelSelector(selector), ports: ports,
        reason: "clients outside the mesh")
    entry.adopt = adopt
    return entry
}

private func entry(
    _ subject: NamespaceEntry.Subject, _ dataplane: DesiredDataplane?, revision: String? = nil,
    mtls: MTLSMode?, wave: String?, adopt: Bool = false, exceptions: [ExceptionEntry] = []
) -> NamespaceEntry {
    var entry = NamespaceEntry(subject)
    entry.dataplane = dataplane
    entry.revision = revision
    entry.mtls = mtls
    entry.wave = wave
    entry.adopt = adopt
    entry.exceptions = exceptions
    return entry
}
