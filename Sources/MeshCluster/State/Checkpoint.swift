import Foundation
package import MeshPlanning
package import Timing

/// What is kept of a run in the cluster, so that it can be rolled back from a machine that has no journal of it:
/// who started what, and each step with its object before and after.
///
/// Gates, soaks and guards are no part of it: nothing on the way back asks for them.
package struct Checkpoint: Sendable, Hashable {
    package var header: RunHeader
    package var startedAt: Timestamp
    package var rollout: Rollout

    package init(header: RunHeader, startedAt: Timestamp, rollout: Rollout) {
        self.header = header
        self.startedAt = startedAt
        self.rollout = Rollout(steps: rollout.steps, settings: rollout.settings)
    }

    static let kind = "Checkpoint"
    /// Raised in its minor part by additions, in its major part by anything else.
    static let formatVersion = "1.0"
    /// More than 100,000 steps, beyond any mesh; and a bound to what a hostile checkpoint takes of memory.
    static let maximumBytes = 64 << 20
}

extension Checkpoint {
    /// JSON with sorted members, compressed.
    ///
    /// - Throws: `tooLarge`.
    func encoded() throws(CheckpointError.Problem) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(Document(self)) else {
            throw .damaged("it cannot be written as JSON")
        }
        guard data.count <= Self.maximumBytes, let bytes = Zlib.compressed(Array(data)) else {
            throw .tooLarge
        }
        return bytes
    }

    /// Takes any bytes: what is no checkpoint, or holds values that no meshctl writes, is refused.
    package init(decoding bytes: [UInt8]) throws(CheckpointError.Problem) {
        let text: [UInt8]
        do throws(Zlib.Failure) {
            text = try Zlib.decompressed(bytes, atMost: Self.maximumBytes)
        } catch .tooLarge {
            throw .tooLarge
        } catch {
            throw .damaged("it cannot be decompressed")
        }
        try self.init(json: text)
    }

    /// What it holds once it is decompressed.
    package init(json text: [UInt8]) throws(CheckpointError.Problem) {
        let head = try? JSONDecoder().decode(Head.self, from: Data(text))
        guard let head, head.kind == Self.kind else { throw .damaged("it is no checkpoint") }
        guard head.formatVersion.hasPrefix("1.") else { throw .newer(head.formatVersion) }
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(text)) else {
            throw .damaged("a member is missing or of another type")
        }
        guard document.settings.isPlausible else { throw .damaged("a limit is out of its range") }
        self.init(
            header: document.header, startedAt: Timestamp(milliseconds: document.startedAt),
            rollout: Rollout(steps: document.steps, settings: document.settings))
    }

    /// What every version of the format has.
    private struct Head: Decodable {
        var formatVersion: String
        var kind: String
    }

    private struct Document: Codable {
        var formatVersion: String
        var kind: String
        var header: RunHeader
        /// Milliseconds since 1970.
        var startedAt: Int64
        var steps: [Step]
        var settings: RunSettings

        init(_ checkpoint: Checkpoint) {
            formatVersion = Checkpoint.formatVersion
            kind = Checkpoint.kind
            header = checkpoint.header
            startedAt = checkpoint.startedAt.milliseconds
            steps = checkpoint.rollout.steps
            settings = checkpoint.rollout.settings
        }
    }
}

extension RunSettings {
    /// A rollback waits by these: nobody's checkpoint is to make one wait for ever.
    fileprivate var isPlausible: Bool {
        let day: Int64 = 86_400_000
        return (0...day).contains(settleMilliseconds) && (0...day).contains(confirmMilliseconds)
            && (1...10_000).contains(writesAtOnce)
    }
}
