package import MeshCluster
import Reporting

/// What is wrong with a checkpoint, in one line without control characters.
package enum CheckpointSentence {
    package static func of(_ error: CheckpointError) -> String {
        TerminalText.sanitized(
            "the checkpoint of run \(error.run), configmap \(error.configMap), "
                + words(error.problem))
    }

    private static func words(_ problem: CheckpointError.Problem) -> String {
        switch problem {
        case .partMissing(let number, let count):
            "is missing: part \(number + 1) of \(count)"
        case .partOfAnother: "does not belong to its other parts"
        case .damaged(let why): "is damaged: \(why)"
        case .tooLarge: "is too large"
        case .newer(let format):
            "was written by a newer meshctl (format \(format)): use that version"
        case .ofCluster(let uid): "is of another cluster (kube-system has uid \(uid) there)"
        case .ofRun(let run): "holds run \(run)"
        }
    }
}
