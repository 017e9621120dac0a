import Diagnostics
import JSON
import YAML

/// Changes a document as a tree: members that are missing, renamed, of another type, far too deep.
///
/// A text that is not of the format stays as it is, and is left to the other mutations.
struct StructureMutation {
    let format: InputFormat

    init(_ format: InputFormat) { self.format = format }

    func apply(to bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        switch format {
        case .json:
            guard let document = try? JSONValue(parsing: bytes) else { return bytes }
            return changed(document, &random).canonicalBytes
        case .yaml: return yaml(bytes, &random)
        case .jsonLines: return lines(bytes, &random)
        case .lines:
            return lines(bytes, &random)
        }
    }

    /// Written as JSON half of the time, which is YAML, too.
    private func yaml(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        guard let nodes = try? YAMLReader.read(bytes, name: "corpus").documents, !nodes.isEmpty
        else {
            return bytes
        }
        var documents = nodes.map { $0.json() }
        let index = random.below(documents.count)
        documents[index] = changed(documents[index], &random)
        if random.chance(oneIn: 2), documents.count == 1 { return documents[0].canonicalBytes }
        return Array(documents.map { YAMLWriter.text($0) }.joined(separator: "---\n").utf8)
    }

    /// One of the lines that hold a document.
    private func lines(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map(Array.init)
        let index = random.below(lines.count)
        let line = lines[index]
        guard let start = line.firstIndex(of: UInt8(ascii: "{")),
            let document = try? JSONValue(parsing: Array(line[start...]))
        else { return bytes }
        lines[index] = line[..<start] + changed(document, &random).canonicalBytes
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }

    /// The document with one change somewhere in it.
    private func changed(_ value: JSONValue, _ random: inout SeededRandom) -> JSONValue {
        switch value {
        case .object(var members) where !members.isEmpty && !random.chance(oneIn: 6):
            let names = members.keys.sorted()
            guard let name = random.element(of: names), let member = members[name] else {
                return value
            }
            switch random.below(12) {
            case 0: members[name] = nil
            case 1:
                members[name] = nil
                members[random.element(of: boundaryTexts + names) ?? ""] = member
            case 2: members[random.element(of: boundaryTexts) ?? ""] = member
            default: members[name] = changed(member, &random)
            }
            return .object(members)
        case .array(var items) where !items.isEmpty && !random.chance(oneIn: 6):
            let index = random.below(items.count)
            switch random.below(12) {
            case 0: items.remove(at: index)
            case 1: items.insert(items[index], at: random.below(items.count + 1))
            case 2: items.swapAt(index, random.below(items.count))
            case 3: items += Array(repeating: items[index], count: random.size(upTo: 300))
            default: items[index] = changed(items[index], &random)
            }
            return .array(items)
        default: return replacement(of: value, &random)
        }
    }

    private func replacement(of value: JSONValue, _ random: inout SeededRandom) -> JSONValue {
        let numbers = boundaryNumbers.compactMap { Double($0) }
        let integers = boundaryNumbers.compactMap { Int64($0) }
        switch random.below(12) {
        case 0: return .null
        case 1: return .bool(random.chance(oneIn: 2))
        case 2, 3: return .integer(random.element(of: integers) ?? 0)
        case 4: return .double(random.element(of: numbers.filter(\.isFinite)) ?? 0)
        case 5, 6: return .string(random.element(of: boundaryTexts) ?? "")
        case 7: return .string(random.element(of: boundaryNumbers) ?? "")
        case 8: return [value]
        case 9: return .object([random.element(of: boundaryTexts) ?? "": value])
        case 10: return .string(String(repeating: "a", count: random.size(upTo: 100_000)))
        default:
            let depth = random.below(200)
            return (0..<depth).reduce(value) { inner, _ in
                random.chance(oneIn: 2) ? [inner] : ["a": inner]
            }
        }
    }
}
