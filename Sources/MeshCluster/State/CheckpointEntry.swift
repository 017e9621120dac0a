import JSON
import KubernetesClient
import MeshModel
package import MeshPlanning

/// How a run of which a checkpoint is kept has ended, as far as it was noted there.
package enum CheckpointStatus: String, Sendable, Hashable, CaseIterable {
    /// It goes on, or stopped somewhere.
    case open
    case done
    /// A rollback that had to leave something.
    case incomplete
    /// A newer apply took its place.
    case superseded

    package init(_ status: RunState.Status) {
        self =
            switch status {
            case .open, .stopped(.stepFailed), .stopped(.interrupted), .stopped(.gate),
                .stopped(.soaking), .stopped(.guardTripped), .stopped(.unreachable),
                .stopped(.lockLost), .stopped(.stopRequested):
                .open
            case .stopped(.superseded): .superseded
            case .finished(.done): .done
            case .finished(.incomplete): .incomplete
            }
    }

    /// What a journal that pulls the run notes of its end; nil while it has none.
    package var event: RunEvent? {
        switch self {
        case .open: nil
        case .done: .finished(.done)
        case .incomplete: .finished(.incomplete)
        case .superseded: .stopped(.superseded)
        }
    }
}

/// A checkpoint as a list shows it, without its contents.
package struct CheckpointEntry: Sendable, Hashable {
    package var run: RunID
    package var status: CheckpointStatus
    /// The saved plan that the run applied, by its nonce.
    package var nonce: String?
    /// From 1, in the order in which runs began; 0 while its first part is missing. No clock tells it: those of
    /// two machines differ, and the server's has whole seconds.
    package var sequence: Int
    /// In the server's time; nil while its first part is missing.
    var createdAt: String?
    /// By name.
    var objects: [Object]

    struct Object: Sendable, Hashable {
        var name: String
        var uid: String
        var resourceVersion: String
    }
}

extension CheckpointEntry {
    /// The checkpoints that these ConfigMaps are parts of, oldest first.
    static func all(in objects: [CheckpointMetadata]) -> [CheckpointEntry] {
        let ofRuns = Dictionary(grouping: objects) {
            $0.metadata.labels?.values[LabelKeys.run] ?? ""
        }
        return ofRuns.filter { !$0.key.isEmpty }.map { CheckpointEntry(RunID($0.key), $0.value) }
            // A run without its first part cannot be used, wherever it stands.
            .sorted {
                ($0.sequence, $0.createdAt ?? "", $0.run)
                    < ($1.sequence, $1.createdAt ?? "", $1.run)
            }
    }

    private init(_ run: RunID, _ objects: [CheckpointMetadata]) {
        let name = CheckpointPart.name(of: run, 0)
        let first = objects.first { $0.metadata.name == name }?.metadata
        let annotations = first?.annotations?.values ?? [:]
        self.run = run
        status =
            annotations[CheckpointPart.Keys.status].flatMap(CheckpointStatus.init(rawValue:))
            ?? .open
        nonce = annotations[CheckpointPart.Keys.nonce]
        sequence = annotations[CheckpointPart.Keys.sequence].flatMap { Int($0) } ?? 0
        createdAt = first?.creationTimestamp
        self.objects = objects.map(\.metadata).map {
            Object(
                name: $0.name, uid: $0.uid ?? "", resourceVersion: $0.resourceVersion ?? "")
        }.sorted { $0.name < $1.name }
    }
}

/// `PartialObjectMetadata`: an object without what is in it.
struct CheckpointMetadata: Decodable, Sendable {
    struct Metadata: Decodable, Sendable {
        var name: String
        var uid: String?
        var resourceVersion: String?
        var creationTimestamp: String?
        var labels: JSONMap<String>?
        var annotations: JSONMap<String>?
    }

    var metadata: Metadata

    /// A server that does not know the short form sends whole objects; their metadata are read all the same.
    static var decoder: ListDecoder<CheckpointMetadata> {
        var decoder = ListDecoder<CheckpointMetadata>.json()
        decoder.mediaType =
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
        return decoder
    }
}
