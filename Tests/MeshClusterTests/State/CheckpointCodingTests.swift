import Foundation
import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

@testable import MeshCluster

@Suite("A checkpoint's bytes")
struct CheckpointCodingTests {
    @Test("read back as what was written, in whatever parts and order", arguments: 0..<200)
    func roundTrip(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let checkpoint = randomCheckpoint(&random)
        let bytes = try checkpoint.encoded()
        #expect(try Checkpoint(decoding: bytes) == checkpoint)
        let size = Int.random(in: max(1, bytes.count / 60)...bytes.count + 1, using: &random)
        let parts = try CheckpointPart.split(bytes, every: size)
        #expect(parts.allSatisfy { $0.bytes.count <= size && $0.count == parts.count })
        #expect(try CheckpointPart.joined(parts.shuffled(using: &random)) == bytes)
        let objects = parts.map {
            $0.configMap(of: checkpoint.header, in: "ns", sequence: 1, status: .open)
        }
        #expect(objects.map { CheckpointPart(configMap: $0) } == parts)
    }

    @Test("equal checkpoints have equal bytes")
    func deterministic() throws {
        var (one, other) = (SeededGenerator(seed: 3), SeededGenerator(seed: 3))
        #expect(
            try randomCheckpoint(&one).encoded() == randomCheckpoint(&other).encoded())
    }

    @Test("hold no gates, soaks and guards: nothing on the way back asks for them")
    func trimmed() {
        let checkpoint = Checkpoint(
            header: largeCheckpoint().header, startedAt: Timestamp(milliseconds: 0),
            rollout: Rollout(soaks: [Soak(batch: 1, phase: .strict, wave: nil, milliseconds: 1)]))
        #expect(checkpoint.rollout == Rollout())
    }

    @Test("are split just under the limit", arguments: [1, 9, 10, 11, 20, 21, 999])
    func split(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let parts = try CheckpointPart.split(bytes, every: 10)
        #expect(parts.count == (count + 9) / 10)
        #expect(parts.flatMap(\.bytes) == bytes)
        #expect(try CheckpointPart.joined(parts) == bytes)
    }

    @Test("of more parts than are allowed are not written, nor read")
    func tooMany() throws {
        let bytes = [UInt8](repeating: 1, count: 101)
        #expect(throws: CheckpointError.Problem.tooLarge) {
            try CheckpointPart.split(bytes, every: 1)
        }
        let part = CheckpointPart(number: 0, count: .max, digest: "", bytes: [])
        #expect(throws: CheckpointError.Problem.tooLarge) { try CheckpointPart.joined([part]) }
        for count in [0, -1, .min] {
            let part = CheckpointPart(number: 0, count: count, digest: "", bytes: [])
            #expect(throws: CheckpointError.Problem.self) { try CheckpointPart.joined([part]) }
        }
    }

    @Test("with a part missing, of another set, or changed are refused", arguments: 0..<4)
    func torn(number: Int) throws {
        let bytes = (0..<40).map { UInt8($0) }
        let parts = try CheckpointPart.split(bytes, every: 10)
        var missing = parts
        missing.remove(at: number)
        #expect(throws: CheckpointError.Problem.partMissing(number, of: 4)) {
            try CheckpointPart.joined(missing)
        }
        var changed = parts
        changed[number].bytes[3] ^= 1
        #expect(
            throws: CheckpointError.Problem.damaged("its bytes are not those that were written")
        ) { try CheckpointPart.joined(changed) }
        var mixed = parts
        mixed[number] = try CheckpointPart.split(bytes + [1], every: 10)[number]
        #expect(throws: CheckpointError.Problem.partOfAnother(number == 0 ? 1 : number)) {
            try CheckpointPart.joined(mixed)
        }
        // What a stopped writer left beyond the end does not matter.
        let further = CheckpointPart(number: 4, count: 9, digest: "x", bytes: [1])
        #expect(try CheckpointPart.joined(parts + [further]) == bytes)
    }

    @Test("that unpack to more than is allowed are refused, before they are unpacked")
    func bomb() throws {
        let zeros = [UInt8](repeating: 0x20, count: Checkpoint.maximumBytes + 1)
        let bomb = try #require(Zlib.compressed(zeros))
        #expect(bomb.count < 100_000)
        #expect(throws: CheckpointError.Problem.tooLarge) { try Checkpoint(decoding: bomb) }
        var checkpoint = largeCheckpoint()
        checkpoint.header.planText = String(repeating: " ", count: Checkpoint.maximumBytes)
        #expect(throws: CheckpointError.Problem.tooLarge) { try checkpoint.encoded() }
    }

    @Test("that somebody made up are refused, and never crash", arguments: 0..<300)
    func random(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let checkpoint = randomCheckpoint(&random)
        let bytes = try checkpoint.encoded()
        var mutant = bytes
        switch seed % 3 {
        case 0: mutant = (0..<seed).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        case 1: mutant = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))
        default:
            let place = Int.random(in: 0..<bytes.count, using: &random)
            mutant[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        // A few bits of a compressed stream fill up a byte, and mean nothing.
        if let found = try? Checkpoint(decoding: mutant) { #expect(found == checkpoint) }
        #expect(throws: CheckpointError.Problem.self) { try Checkpoint(decoding: bytes + [0]) }
    }

    @Test(
        "of a newer format, of something else, or with values that no meshctl writes are refused",
        arguments: [
            (#"{"formatVersion":"2.0","kind":"Checkpoint"}"#, CheckpointError.Problem.newer("2.0")),
            (#"{"formatVersion":"1.0","kind":"SavedPlan"}"#, .damaged("it is no checkpoint")),
            ("[]", .damaged("it is no checkpoint")), ("", .damaged("it is no checkpoint")),
            (
                #"{"formatVersion":"1.9","kind":"Checkpoint"}"#,
                .damaged("a member is missing or of another type")
            ),
            (String(repeating: "[", count: 1_000_000), .damaged("it is no checkpoint")),
        ] as [(String, CheckpointError.Problem)])
    func otherContents(text: String, problem: CheckpointError.Problem) throws {
        let bytes = try #require(Zlib.compressed(Array(text.utf8)))
        #expect(throws: problem) { try Checkpoint(decoding: bytes) }
    }

    @Test("cannot make a rollback wait for ever", arguments: [-1, 86_400_001, Int64.max])
    func implausible(milliseconds: Int64) throws {
        var checkpoint = largeCheckpoint()
        checkpoint.rollout.settings.settleMilliseconds = milliseconds
        #expect(throws: CheckpointError.Problem.damaged("a limit is out of its range")) {
            try Checkpoint(decoding: try checkpoint.encoded())
        }
    }

    @Test("have the checksum that others compute")
    func checksum() {
        #expect(Zlib.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(Zlib.checksum([]) == 0)
    }
}
