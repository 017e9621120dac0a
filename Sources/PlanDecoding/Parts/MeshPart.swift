import Diagnostics
import MeshModel
import YAML

/// `spec.mesh`
enum MeshPart {
    static let modes: [MTLSMode] = [.strict, .permissive, .disable]

    static let object = PlanObject(
        "What holds for the whole mesh.",
        [
            PlanKey(
                "rootNamespace", .name(.label), "The namespace whose policies are mesh-wide.",
                default: "what the mesh configuration says, else istio-system"),
            PlanKey(
                "mtls", .oneOf(modes.map(\.rawValue)),
                "The mode of the mesh-wide PeerAuthentication; absent leaves it as it is."),
            PlanKey(
                "adopt", .flag, "Take over the mesh-wide policy that is there, under its name.",
                default: "false"),
        ])

    static func entry(_ cursor: PlanCursor) -> MeshEntry {
        var entry = MeshEntry()
        entry.range = cursor.place
        guard let fields = cursor.fields(object) else { return entry }
        entry.rootNamespace = fields["rootNamespace"]?.name(.label)
        entry.mtls = fields["mtls"].flatMap(mode)
        entry.adopt = fields["adopt"]?.flag() ?? false
        entry.range = fields.keyRange("mtls") ?? entry.range
        return entry
    }

    private static func mode(_ cursor: PlanCursor) -> MTLSMode? {
        if case .scalar(let scalar) = cursor.node, scalar.text == MTLSMode.unset.rawValue {
            cursor.report(
                .invalidValue, "the mesh-wide mode cannot be `UNSET`",
                detail: "Istio reads an unset mesh-wide mode as PERMISSIVE: write `PERMISSIVE`, or "
                    + "remove the key to leave the policy as it is.")
            return nil
        }
        return cursor.choice(modes)
    }
}
