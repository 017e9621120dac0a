import Foundation
import JSON
import MeshModel
import MeshPlanning

/// One of the ConfigMaps that a checkpoint is split into, as an object of the API is limited in size.
struct CheckpointPart: Sendable, Hashable {
    /// From 0.
    var number: Int
    var count: Int
    /// Of all parts' bytes together: their CRC-32 and their number.
    var digest: String
    var bytes: [UInt8]

    /// Base64 makes 933 KiB of it; etcd takes 1 MiB for a ConfigMap's data.
    static let maximumBytes = 700 << 10
    /// What `Checkpoint.maximumBytes` takes where nothing could be compressed.
    static let maximumCount = 100
}

extension CheckpointPart {
    static func split(
        _ bytes: [UInt8], every size: Int = maximumBytes
    ) throws(CheckpointError.Problem) -> [CheckpointPart] {
        let digest = digest(of: bytes)
        let count = max(1, (bytes.count + size - 1) / size)
        guard count <= maximumCount else { throw .tooLarge }
        return (0..<count).map { number in
            CheckpointPart(
                number: number, count: count, digest: digest,
                bytes: Array(bytes.dropFirst(number * size).prefix(size)))
        }
    }

    /// All bytes, where the parts are all there and belong together. Further ones do not matter: they were left
    /// by a writer that was stopped.
    static func joined(_ parts: [CheckpointPart]) throws(CheckpointError.Problem) -> [UInt8] {
        let found = Dictionary(
            parts.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        guard let first = found[0] else { throw .partMissing(0, of: parts.first?.count ?? 1) }
        guard first.count <= maximumCount else { throw .tooLarge }
        guard first.count > 0 else { throw .damaged("it says that it has no parts") }
        var bytes: [UInt8] = []
        for number in 0..<first.count {
            guard let part = found[number] else { throw .partMissing(number, of: first.count) }
            guard part.digest == first.digest else { throw .partOfAnother(number) }
            bytes += part.bytes
        }
        guard digest(of: bytes) == first.digest else {
            throw .damaged("its bytes are not those that were written")
        }
        return bytes
    }

    private static func digest(of bytes: [UInt8]) -> String {
        "\(String(Zlib.checksum(bytes), radix: 16))-\(bytes.count)"
    }
}

// MARK: - As a ConfigMap

extension CheckpointPart {
    enum Keys {
        static let part = "meshctl.dev/part"
        static let parts = "meshctl.dev/parts"
        static let digest = "meshctl.dev/digest"
        /// On the first part only.
        static let status = "meshctl.dev/status"
        static let nonce = "meshctl.dev/nonce"
        static let sequence = "meshctl.dev/sequence"
        static let plan = LabelKeys.plan
        static let data = "checkpoint"
    }

    /// The value of `LabelKeys.kind`.
    static let kind = "checkpoint"

    static func name(of run: RunID, _ number: Int) -> String { "meshctl-\(run.text)-\(number)" }

    /// Its data can never be changed; its annotations, and so the status, can.
    ///
    /// - Parameter sequence: as `CheckpointEntry` has it.
    func configMap(
        of header: RunHeader, in namespace: String, sequence: Int, status: CheckpointStatus
    ) -> JSONValue {
        var annotations: [String: String] = [
            Keys.part: String(number), Keys.parts: String(count), Keys.digest: digest,
        ]
        if number == 0 {
            annotations[Keys.status] = status.rawValue
            annotations[Keys.sequence] = String(sequence)
            annotations[Keys.plan] = header.plan
            annotations[Keys.nonce] = header.nonce
        }
        return [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
                "name": .string(Self.name(of: header.id, number)),
                "namespace": .string(namespace),
                "labels": [
                    LabelKeys.managedBy: .string(LabelKeys.managedByMeshctl),
                    LabelKeys.kind: .string(Self.kind), LabelKeys.run: .string(header.id.text),
                ],
                "annotations": JSONValue(annotations),
            ],
            "immutable": true,
            "binaryData": [Keys.data: .string(Data(bytes).base64EncodedString())],
        ]
    }

    /// nil where it is none.
    init?(configMap object: JSONValue) {
        let annotations = object[path: "metadata", "annotations"]?.stringMap ?? [:]
        guard let number = annotations[Keys.part].flatMap({ Int($0) }),
            let count = annotations[Keys.parts].flatMap({ Int($0) }),
            let digest = annotations[Keys.digest],
            let text = object[path: "binaryData", Keys.data]?.string,
            let data = Data(base64Encoded: text)
        else { return nil }
        self.init(number: number, count: count, digest: digest, bytes: Array(data))
    }
}
