import HTTPTypes
import JSON
import Testing

@testable import KubernetesClient

/// Seeded, so that a failure can be repeated.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}

@Suite("Any bytes are an answer or an error, never a crash")
struct HostileInputTests {
    /// Variations of a valid text: bytes changed, cut out, repeated.
    private func variations(of text: String, seed: UInt64, count: Int) -> [[UInt8]] {
        var random = Seeded(state: seed)
        return (0..<count).map { _ in
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(place...)
                case 2:
                    bytes.insert(
                        contentsOf: "[{\"-:*&!\n9".utf8.shuffled(using: &random), at: place)
                default: bytes.remove(at: place)
                }
            }
            return bytes
        }
    }

    @Test("kubeconfigs", arguments: [UInt64(1), 2, 3])
    func kubeconfigs(seed: UInt64) {
        let valid = """
            clusters: [{name: k, cluster: {server: "https://h:1", certificate-authority-data: QUJD}}]
            users: [{name: u, user: {token: t, as: j, as-groups: [a], exec: {command: x}}}]
            contexts: [{name: c, context: {cluster: k, user: u, namespace: n}}]
            current-context: c
            """
        var errors = 0
        for bytes in variations(of: valid, seed: seed, count: 300) {
            do {
                _ = try KubeconfigLoader.parse(bytes, file: "f").settings()
            } catch {
                errors += 1
            }
        }
        #expect(errors > 100)
    }

    @Test("statuses, pages and events", arguments: [UInt64(1), 2, 3])
    func answers(seed: UInt64) throws {
        let valid = try #require(Recorded.refusals.first { $0.name == "unknown mode is 422" })
        let call = APICall(.watch, server: "s", path: "/")
        for bytes in variations(
            of: String(decoding: valid.bytes, as: UTF8.self), seed: seed, count: 200)
        {
            _ = APIStatus(code: 422, body: bytes, retryAfter: nil, call: call)
        }
        let page =
            #"{"metadata":{"continue":"x","resourceVersion":"1"},"items":[{"a":1e9},{"b":[null]}]}"#
        for bytes in variations(of: page, seed: seed, count: 300) {
            _ = try? ListDecoder.documents.decode(bytes, "")
        }
        let events =
            #"{"type":"ADDED","object":{"a":"é"}}"# + "\n" + #"{"type":"ERROR","object":{}}"#
        for bytes in variations(of: events, seed: seed, count: 300) {
            var reader = WatchReader(call)
            reader.receive(HTTPResponse(status: .init(code: 200)))
            _ = reader.receive(bytes) { _ in true }
            _ = reader.finish()
        }
    }

    @Test("an event that never ends is given up")
    func endlessEvent() {
        var reader = WatchReader(APICall(.watch, server: "s", path: "/"))
        reader.receive(HTTPResponse(status: .init(code: 200)))
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        var received = 0
        while received < 64, reader.receive(piece, { _ in true }) { received += 1 }
        #expect(received == 16)
        guard case .malformed? = reader.finish() else {
            Issue.record("not malformed")
            return
        }
    }

    @Test("a page of huge numbers is refused or read, not trapped on")
    func numbers() throws {
        for number in ["1e999", "-9223372036854775809", "18446744073709551616", "0.1e-999"] {
            let page = #"{"metadata":{"resourceVersion":"1"},"items":[\#(number)]}"#
            _ = try? ListDecoder.documents.decode(Array(page.utf8), "")
        }
    }
}
