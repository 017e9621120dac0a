/// Changes bytes without regard to what they mean.
struct ByteMutation {
    var tokens: [[UInt8]]
    /// Another file of the corpus, to splice with.
    var other: [UInt8]

    func apply(to bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        switch random.below(12) {
        case 0:
            guard !bytes.isEmpty else { break }
            bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
        case 1:
            guard !bytes.isEmpty else { break }
            bytes[random.below(bytes.count)] = UInt8(random.below(256))
        case 2: bytes.removeSubrange(random.range(in: bytes.count))
        case 3:
            let part = Array(bytes[random.range(in: bytes.count)])
            bytes.insert(contentsOf: part, at: random.below(bytes.count + 1))
        case 4: bytes.removeSubrange(random.below(bytes.count + 1)...)
        case 5, 6:
            let token = random.element(of: tokens) ?? []
            bytes.insert(contentsOf: token, at: random.below(bytes.count + 1))
        case 7:
            let token = random.element(of: tokens) ?? []
            bytes.replaceSubrange(random.range(in: bytes.count), with: token)
        case 8:
            let from = other[random.range(in: other.count)]
            bytes.replaceSubrange(random.range(in: bytes.count), with: from)
        case 9: bytes.insert(contentsOf: invalid(&random), at: random.below(bytes.count + 1))
        case 10: replaceNumber(&bytes, &random)
        default:
            let part = bytes[random.range(in: min(bytes.count, 64))]
            let copies = random.size(upTo: max(1, 65_536 / max(1, part.count)))
            bytes.insert(
                contentsOf: (0..<copies).map { _ in part }.joined(),
                at: random.below(bytes.count + 1))
        }
        return bytes
    }

    /// Control characters, and bytes that are no UTF-8.
    private func invalid(_ random: inout SeededRandom) -> [UInt8] {
        let texts: [[UInt8]] = [
            [0], [0x1B, 0x5B, 0x32, 0x4A], [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x80], [0xEF, 0xBB, 0xBF], [0x0D], [0x7F],
            [0xC2, 0x85],
            [0xE2, 0x80, 0xA8], [0xE2, 0x80, 0xAE], [0x07],
        ]
        return random.element(of: texts) ?? []
    }

    private func replaceNumber(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
        let starts = bytes.indices.filter {
            isDigit(bytes[$0]) && ($0 == 0 || !isDigit(bytes[$0 - 1]))
        }
        guard let start = random.element(of: starts) else { return }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
        bytes.replaceSubrange(
            start..<end, with: (random.element(of: boundaryNumbers) ?? "0").utf8)
    }
}

/// Removes, repeats and moves lines and blocks of lines.
enum LineMutation {
    static func apply(to bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map(Array.init)
        let from = random.below(lines.count)
        let block = from..<min(lines.count, from + 1 + random.below(4))
        switch random.below(6) {
        case 0: lines.removeSubrange(block)
        case 1: lines.insert(contentsOf: lines[block], at: random.below(lines.count + 1))
        case 2: lines.swapAt(from, random.below(lines.count))
        case 3:
            let moved = lines[block]
            lines.removeSubrange(block)
            lines.insert(contentsOf: moved, at: random.below(lines.count + 1))
        case 4:
            let indent = [UInt8](repeating: 0x20, count: 1 + random.below(8))
            for index in block { lines[index] = indent + lines[index] }
        default:
            for index in block {
                lines[index] = Array(lines[index].drop { $0 == 0x20 })
            }
        }
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }
}
