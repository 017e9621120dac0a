/// The text format in which proxies serve their counters, reduced to the families and labels asked for:
/// Prometheus' exposition format 0.0.4, and OpenMetrics 1.0 as far as it differs (`# EOF`, exemplars).
///
/// A page is up to many megabytes of other families, so lines that are not asked for are skipped unread.
/// What was asked for is read strictly: a line of a wanted family that is cut off or malformed makes the
/// whole page unreadable, since a number that was lost must not count as zero.
package struct PrometheusText: Sendable {
    /// One line: a series of a wanted family, with its value.
    package struct Sample: Sendable, Hashable {
        /// In `PrometheusText.families`.
        package var family: Int
        /// The values of `PrometheusText.labels`, in their order; empty where the series lacks the label,
        /// which Prometheus takes for the same.
        package var labels: [String]
        /// `NaN` and the infinities are values, too.
        package var value: Double
    }

    package enum Failure: Error, Sendable, Hashable {
        /// A line of a wanted family that does not follow the format, from 1.
        case malformed(line: Int)
        /// The page does not end with the end of a line.
        case cutOff
        /// More lines of wanted families than anything real has, or one with an endless label.
        case tooLarge
    }

    /// Names as they stand in the page: `istio_requests_total`.
    package let families: [String]
    package let labels: [String]

    /// Series that are kept of a page at most: a ztunnel of a full node has some ten thousand.
    package static let maximumSamples = 500_000
    /// Bytes of a label's value at most.
    package static let maximumValueBytes = 4096

    private let familyBytes: [[UInt8]]
    private let labelBytes: [[UInt8]]

    package init(families: [String], labels: [String]) {
        self.families = families
        self.labels = labels
        familyBytes = families.map { Array($0.utf8) }
        labelBytes = labels.map { Array($0.utf8) }
    }

    /// The lines of the wanted families, in the order of the page.
    package func samples(in page: String) throws(Failure) -> [Sample] {
        let bytes = Array(page.utf8)
        guard bytes.isEmpty || bytes.last == newline else { throw .cutOff }
        var samples: [Sample] = []
        var number = 0
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: newline) ?? bytes.count
            number += 1
            if let family = family(in: bytes[start..<end]) {
                guard samples.count < Self.maximumSamples else { throw .tooLarge }
                var line = PrometheusLine(
                    bytes[start..<end].dropFirst(familyBytes[family].count), labels: labelBytes)
                switch line.read() {
                case .success(let (labels, value)):
                    samples.append(Sample(family: family, labels: labels, value: value))
                case .failure(.malformed): throw .malformed(line: number)
                case .failure(.tooLarge): throw .tooLarge
                }
            }
            start = end + 1
        }
        return samples
    }

    /// The wanted family that the line is of: its name ends with a brace or a blank.
    private func family(in line: ArraySlice<UInt8>) -> Int? {
        familyBytes.firstIndex { name in
            guard line.starts(with: name) else { return false }
            let after = line.startIndex + name.count
            guard after < line.endIndex else { return true }
            return line[after] == openBrace || isBlank(line[after])
        }
    }
}

/// What follows the name on a line: `{label="value",…} value timestamp # exemplar`.
private struct PrometheusLine {
    enum Failure: Error { case malformed, tooLarge }

    private var rest: ArraySlice<UInt8>
    private let wanted: [[UInt8]]

    init(_ rest: ArraySlice<UInt8>, labels: [[UInt8]]) {
        self.rest = rest
        wanted = labels
    }

    mutating func read() -> Result<(labels: [String], value: Double), Failure> {
        do throws(Failure) {
            var values = [String](repeating: "", count: wanted.count)
            skipBlanks()
            if rest.first == openBrace {
                rest.removeFirst()
                try readLabels(into: &values)
            }
            skipBlanks()
            let word = rest.prefix { !isBlank($0) }
            guard word.count <= 64, let value = Double(String(decoding: word, as: UTF8.self)) else {
                throw .malformed
            }
            return .success((values, value))
        } catch { return .failure(error) }
    }

    private mutating func readLabels(into values: inout [String]) throws(Failure) {
        while true {
            skipBlanks()
            if rest.first == closeBrace { break }
            let name = rest.prefix { $0 != equals && $0 != closeBrace && !isBlank($0) }
            rest = rest.dropFirst(name.count)
            skipBlanks()
            guard !name.isEmpty, take(equals) else { throw .malformed }
            skipBlanks()
            guard take(quote) else { throw .malformed }
            let index = wanted.firstIndex { $0.elementsEqual(name) }
            let value = try readValue(keep: index != nil)
            if let index { values[index] = value }
            skipBlanks()
            guard take(comma) || rest.first == closeBrace else { throw .malformed }
        }
        rest.removeFirst()
    }

    /// Up to the closing quote, with `\\`, `\"` and `\n` taken for what they stand for.
    private mutating func readValue(keep: Bool) throws(Failure) -> String {
        var kept: [UInt8] = []
        var length = 0
        while let byte = rest.popFirst() {
            if byte == quote { return String(decoding: kept, as: UTF8.self) }
            var byte = byte
            if byte == backslash {
                guard let escaped = rest.popFirst() else { throw .malformed }
                byte = escaped == UInt8(ascii: "n") ? newline : escaped
            }
            length += 1
            guard length <= PrometheusText.maximumValueBytes else { throw .tooLarge }
            if keep { kept.append(byte) }
        }
        throw .malformed
    }

    private mutating func skipBlanks() { rest = rest.drop(while: isBlank) }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }
}

private let newline = UInt8(ascii: "\n")
private let quote = UInt8(ascii: "\"")
private let backslash = UInt8(ascii: "\\")
private let comma = UInt8(ascii: ",")
private let equals = UInt8(ascii: "=")
private let openBrace = UInt8(ascii: "{")
private let closeBrace = UInt8(ascii: "}")

private func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
}
