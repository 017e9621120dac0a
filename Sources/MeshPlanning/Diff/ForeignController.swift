import Diagnostics
import MeshModel

/// Controllers that meshctl does not know: a restart is theirs to make, since they would take the annotation
/// of anybody else's restart away again, or hold against it.
enum ForeignController {
    struct Advice {
        var text: String
        var command: String?

        init(_ text: String, command: String? = nil) {
            self.text = text
            self.command = command
        }
    }

    /// For a workload that such a controller owns.
    static func diagnostic(
        of id: WorkloadID, under owner: OwnerReference, pods: [Pod]
    ) -> Diagnostic {
        var next = advice(owner, in: id.namespace)
        if next.command == nil {
            let names = pods.map(\.meta.name).sorted().joined(separator: " ")
            next.command = "kubectl -n \(id.namespace) delete pod \(names)"
            next.text +=
                " If it has no way of its own, delete the pods one by one; new ones get the new "
            next.text += "data plane."
        }
        return Diagnostic(
            .restartByPerson, .warning,
            "\(id.text) belongs to \(owner.kind) \(owner.name), "
                + "so meshctl does not restart its \(pods.count) pods",
            detail: next.text, remedy: next.command)
    }

    static func advice(_ owner: OwnerReference, in namespace: String) -> Advice {
        var advice = Advice("Restart it the way its controller asks for, then plan again.")
        switch owner.kind {
        case "Rollout":
            // Argo Rollouts restarts what `spec.restartAt` says (argo-rollouts `docs/features/restart.md`).
            advice = Advice(
                "Restart it through Argo Rollouts, then plan again.",
                command: "kubectl -n \(namespace) patch rollouts.argoproj.io \(owner.name) "
                    + #"--type=merge -p "{\"spec\":{\"restartAt\":\"$(date -u +%FT%TZ)\"}}""#)
        case "DeploymentConfig":
            advice = Advice(
                "Restart it through OpenShift, then plan again.",
                command: "oc -n \(namespace) rollout latest dc/\(owner.name)")
        default: break
        }
        // An owner's name is whatever its author wrote: none that a shell reads otherwise gets into a command.
        if !(namespace + owner.name).allSatisfy(isPlain) { advice.command = nil }
        return advice
    }

    private static func isPlain(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-.".contains(character))
    }
}
