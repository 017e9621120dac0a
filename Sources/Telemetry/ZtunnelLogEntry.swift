import JSON
package import Timing

/// A line of ztunnel's log, in its plain form or as JSON (`LOG_FORMAT=json`).
///
/// Plain: `TIME\tLEVEL\tTARGET:SPAN{…}\tMESSAGE\tKEY=VALUE …`, where text values are quoted as Rust quotes them
/// (istio/ztunnel `src/telemetry.rs:IstioFormat`, `IstioJsonFormat`).
package struct ZtunnelLogEntry: Sendable, Hashable {
    package enum Level: String, Sendable, Hashable { case trace, debug, info, warn, error }

    package var time: Timestamp
    package var level: Level
    /// The module that wrote it, without `ztunnel::`: `access`, `xds::client`, `identity::manager`.
    package var target: String
    package var message: String
    package var fields: [String: String]

    package init(
        time: Timestamp, level: Level, target: String, message: String,
        fields: [String: String] = [:]
    ) {
        self.time = time
        self.level = level
        self.target = target
        self.message = message
        self.fields = fields
    }

    /// Longer lines are no entry: ztunnel writes a few hundred bytes.
    package static let maximumBytes = 65_536

    /// nil for a line in neither form, such as a panic's.
    package init?(_ line: Substring) {
        guard line.utf8.count <= Self.maximumBytes else { return nil }
        if line.first == "{" { self.init(json: line) } else { self.init(plain: line) }
    }

    private init?(plain line: Substring) {
        let parts = line.split(separator: "\t", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count >= 3, let time = Timestamp(rfc3339: String(parts[0])),
            let level = Level(rawValue: String(parts[1]))
        else { return nil }
        self.init(
            time: time, level: level, target: Self.target(parts[2]),
            message: parts.count > 3 ? String(parts[3]) : "",
            fields: parts.count > 4 ? ZtunnelLogFields(parts[4]).fields : [:])
    }

    private init?(json line: Substring) {
        guard let members = try? JSONValue(parsing: Array(line.utf8)).object,
            let time = members["time"]?.string.flatMap(Timestamp.init(rfc3339:)),
            let level = members["level"]?.string.flatMap(Level.init),
            let target = members["scope"]?.string
        else { return nil }
        var fields = members.compactMapValues { value -> String? in
            switch value {
            case .string(let text): text
            case .integer(let number): String(number)
            case .double(let number): String(number)
            case .bool(let truth): String(truth)
            // A span with its own fields.
            case .null, .array, .object: nil
            }
        }
        let message = fields.removeValue(forKey: "message") ?? ""
        for key in ["time", "level", "scope"] { fields[key] = nil }
        self.init(
            time: time, level: level, target: Self.target(target[...]), message: message,
            fields: fields)
    }

    /// `ztunnel::xds::client:xds{id=1}` without the spans, which come after a single colon.
    private static func target(_ text: Substring) -> String {
        var rest = text
        if rest.hasPrefix("ztunnel::") { rest = rest.dropFirst("ztunnel::".count) }
        var target = ""
        while let character = rest.popFirst() {
            guard character == ":" else {
                target.append(character)
                continue
            }
            guard rest.first == ":" else { break }
            rest.removeFirst()
            target += "::"
        }
        return target
    }
}

/// `key=value key="quoted \"value\""`. A value without quotes may hold blanks: it ends before the next key.
private struct ZtunnelLogFields {
    private(set) var fields: [String: String] = [:]
    private static let maximum = 64

    init(_ text: Substring) {
        var rest = text.drop { $0 == " " }
        var last: String?
        while !rest.isEmpty, fields.count < Self.maximum {
            let word = rest.prefix { $0 != " " && $0 != "=" }
            let after = rest[word.endIndex...]
            if after.first == "=", !word.isEmpty {
                rest = after.dropFirst()
                let key = String(word)
                fields[key] = rest.first == "\"" ? Self.quoted(&rest) : Self.word(&rest)
                last = key
            } else {
                let more = Self.word(&rest)
                if let last { fields[last, default: ""] += " " + more }
            }
            rest = rest.drop { $0 == " " }
        }
    }

    private static func word(_ rest: inout Substring) -> String {
        let word = rest.prefix { $0 != " " }
        rest = rest[word.endIndex...]
        return String(word)
    }

    /// What stands between the quotes, with the escapes of Rust's `str::escape_debug`.
    private static func quoted(_ rest: inout Substring) -> String {
        rest.removeFirst()
        var value = ""
        while let character = rest.popFirst() {
            if character == "\"" { break }
            guard character == "\\", let escaped = rest.popFirst() else {
                value.append(character)
                continue
            }
            switch escaped {
            case "n": value.append("\n")
            case "t": value.append("\t")
            case "r": value.append("\r")
            case "0": value.append("\0")
            case "u":
                let digits = rest.prefix { $0 != "}" }.dropFirst()
                rest = rest.drop { $0 != "}" }.dropFirst()
                if let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) {
                    value.unicodeScalars.append(scalar)
                }
            default: value.append(escaped)
            }
        }
        return value
    }
}
