import JSON
import Testing
import YAML

@Suite struct YAMLScalarResolutionTests {
    @Test(
        "plain scalars are what sigs.k8s.io/yaml makes of them",
        arguments: [
            ("true", .bool(true)), ("Yes", .bool(true)), ("on", .bool(true)), ("y", .bool(true)),
            ("FALSE", .bool(false)), ("no", .bool(false)), ("Off", .bool(false)),
            ("yEs", .string("yEs")), ("null", .null), ("~", .null), ("Null", .null),
            ("0", .integer(0)), ("-0", .integer(0)), ("+12", .integer(12)), ("-7", .integer(-7)),
            ("0x1F", .integer(31)), ("0o17", .integer(15)), ("017", .integer(15)),
            ("0b101", .integer(5)), ("1_000", .integer(1000)), ("08", .double(8)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("18446744073709551616", .double(18_446_744_073_709_551_616)),
            ("1.5", .double(1.5)), (".5", .double(0.5)), ("1.", .double(1)), ("1e3", .double(1000)),
            ("-1E-2", .double(-0.01)), ("1e999", .string("1e999")), (".inf", .string(".inf")),
            ("1.2.3", .string("1.2.3")), ("0x", .string("0x")), ("0xg", .string("0xg")),
            ("+", .string("+")), ("--1", .string("--1")), ("1-2", .string("1-2")),
            ("2027-03-31", .string("2027-03-31")), ("12:30", .string("12:30")),
            ("1Gi", .string("1Gi")), ("10.0.0.1", .string("10.0.0.1")), ("e3", .string("e3")),
            ("٣", .string("٣")), ("１", .string("１")),
        ] as [(String, JSONValue)])
    func plain(text: String, expected: JSONValue) throws {
        let json = try document("value: \(text)").json()
        #expect(json["value"] == expected)
    }

    @Test("quotes and block styles make strings")
    func quoted() throws {
        let text = "a: 'true'\nb: \"3\"\nc: |\n  null\nd: ''\n"
        #expect(
            try document(text).json() == ["a": "true", "b": "3", "c": "null\n", "d": ""])
    }

    @Test("explicit tags are honoured")
    func tags() throws {
        let text = """
            - !!str 3
            - !!str yes
            - !!int "3"
            - !!float 2
            - !!bool 'on'
            - !!null ''
            - ! 12
            - !custom 12
            - !!timestamp 2027-03-31
            """
        #expect(
            try document(text).json()
                == ["3", "yes", 3, .double(2), true, .null, "12", "12", "2027-03-31"])
    }

    @Test("keys become strings, booleans and numbers in their plain form")
    func keys() throws {
        let text = "3000: a\n0x10: b\non: c\n'off': d\nnull: e\n"
        #expect(
            try document(text).json()
                == ["3000": "a", "16": "b", "true": "c", "off": "d", "null": "e"])
    }
}
