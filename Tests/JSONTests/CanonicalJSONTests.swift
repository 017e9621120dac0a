import Foundation
import Testing

@testable import JSON

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    /// Foundation's encoder is the oracle.
    @Test(
        "is what Foundation writes with sorted members", arguments: 1...200 as ClosedRange<UInt64>)
    func asFoundation(seed: UInt64) throws {
        var maker = DocumentMaker(seed: seed)
        let value = maker.value(depth: 4)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        #expect(value.canonicalText == String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// A whole number of more than sixteen digits is an integer once it was read, and not before.
    @Test("once it was read, stays as it is", arguments: 201...400 as ClosedRange<UInt64>)
    func readBack(seed: UInt64) throws {
        var maker = DocumentMaker(seed: seed)
        let value = try JSONValue(parsing: maker.value(depth: 4).canonicalBytes)
        #expect(try JSONValue(parsing: value.canonicalBytes) == value)
    }

    @Test("escapes each control character, quotes and backslashes, and nothing else")
    func escapes() throws {
        let text = String(String.UnicodeScalarView((0...0x7F).compactMap(UnicodeScalar.init)))
        let value = JSONValue.string(text + "é\u{2028}😀")
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        #expect(value.canonicalText == String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}

/// Documents by a seed.
private struct DocumentMaker {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }

    mutating func value(depth: Int) -> JSONValue {
        switch next() % (depth > 0 ? 8 : 6) {
        case 0: return .null
        case 1: return .bool(next() % 2 == 0)
        case 2: return .integer(Int64(bitPattern: next()) >> (next() % 64))
        case 3:
            let number = Double(bitPattern: next())
            return .double(number.isFinite ? number : 0.1)
        case 4: return .double(Double(Int64(bitPattern: next()) >> (next() % 64)) / 8)
        case 5: return .string(text())
        case 6: return .array((0..<next() % 5).map { _ in value(depth: depth - 1) })
        default:
            var members: [String: JSONValue] = [:]
            for _ in 0..<next() % 6 { members[text()] = value(depth: depth - 1) }
            return .object(members)
        }
    }

    private mutating func text() -> String {
        let scalars = (0..<next() % 9).map { _ -> UnicodeScalar in
            let bound: UInt64 = [0x20, 0x80, 0x250, 0x3000, 0x1F700][Int(next() % 5)]
            return UnicodeScalar(UInt32(next() % bound)) ?? "x"
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
