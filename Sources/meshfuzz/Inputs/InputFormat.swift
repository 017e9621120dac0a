/// What a reader's text is made of: it decides which structure-aware mutations fit.
package enum InputFormat: Sendable {
    case yaml, json
    /// A JSON document on each line.
    case jsonLines
    /// Lines of any other kind.
    case lines

    /// Words and characters that mean something in the format.
    var tokens: [String] {
        let json = [
            "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u0000", "\\ud800", "null", "true", "{}",
            "[]",
            "\"\":", "[[", "]]",
        ]
        let yaml = [
            "- ", ": ", "? ", "|", ">", "|+2", ">-", "&a ", "*a", "<<: *a", "!!int ", "!!str ",
            "!x ",
            "---\n", "...\n", "%TAG ! tag:x,2026:\n", "%YAML 1.1\n", "#", "~", "yes", ".inf", "0x",
            "'",
            "\t", "\r\n", "\u{85}", "\u{2028}", "\u{FEFF}",
        ]
        let lines = [
            "\"", "\\", "=", "{", "}", "\t", " ", "\r", "|", "-", "%", "NaN", "+Inf", "#", "\\u{",
            ":",
            "[", "]", "::", "/", "@", "*", ",",
        ]
        switch self {
        case .yaml: return yaml + json
        case .json: return json
        case .jsonLines, .lines: return lines + json
        }
    }
}

/// Numbers at which readers go wrong.
let boundaryNumbers = [
    "0", "-0", "-1", "1", "127", "128", "255", "256", "32767", "65535", "65536", "2147483647",
    "2147483648", "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
    "99999999999999999999999999999999999999999", "1e308", "1e309", "-1e309", "1e-400", "1.5", "0.1",
    "1e18", "1E400", "00", "0x7fffffffffffffff", "0o777", "1_000", "+1", "NaN", "Infinity", "25%",
    "200%", "-1%", "99999999999h", "1000000000000ms",
]

/// Times, addresses and names at their limits.
let boundaryTexts = [
    "", " ", "\u{0}", "\u{1B}[31m", "\u{202E}", "\u{FEFF}", "\u{1F600}", "e\u{301}", "::error::x",
    "0000-01-01T00:00:00Z", "9999-12-31T23:59:60.999999999Z", "2026-02-30T00:00:00Z", "::", "::/0",
    "0.0.0.0/0", "255.255.255.255/33", "1:2:3:4:5:6:7:8:9", "[::1]:65536", "../../x", "/", "*",
    "*.*",
    "a/b/c/d", "a,b", "a=b", "%00", "%zz", "\r\n", "null", "-", ".", "..",
]
