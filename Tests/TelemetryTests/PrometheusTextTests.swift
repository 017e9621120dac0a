import Telemetry
import Testing

@Suite("Prometheus' text format")
struct PrometheusTextTests {
    private let text = PrometheusText(families: ["a_total", "b"], labels: ["x", "y"])

    private func values(_ page: String) throws -> [Double] {
        try text.samples(in: page).map(\.value)
    }

    @Test("only the wanted families and labels are kept, in the page's order")
    func wanted() throws {
        let samples = try text.samples(
            in: """
                # HELP a_total A thing.
                # TYPE a_total counter
                b 1
                a_total{x="1",z="no",y="2"} 3
                a_total_created{x="1"} 4
                a_tot{x="1"} 5
                ba{x="1"} 6
                a_total{y="2"} 7
                # EOF

                """)
        #expect(samples.map(\.family) == [1, 0, 0])
        #expect(samples.map(\.labels) == [["", ""], ["1", "2"], ["", "2"]])
        #expect(samples.map(\.value) == [1, 3, 7])
    }

    @Test("escapes stand for a quote, a backslash and the end of a line")
    func escapes() throws {
        let samples = try text.samples(in: #"b{x="a\"}, \\ \n z",y="ü"} 1"# + "\n")
        #expect(samples.first?.labels == ["a\"}, \\ \n z", "ü"])
    }

    @Test("values are Go's floats, also those that are no number")
    func values() throws {
        #expect(
            try values("b 1.5e3\nb +Inf\nb -Inf\nb 0x10\n") == [1500, .infinity, -.infinity, 16])
        #expect(try values("b NaN\n").first?.isNaN == true)
    }

    @Test("timestamps and exemplars are passed over, and blanks are where the format lets them be")
    func tail() throws {
        let page = """
            a_total{x="1"} 2 1700000000000
            a_total{x="1"} 3 # {trace_id="a b"} 1 1700000000.1
            a_total { x = "1" , } 4
            b\t5

            """
        #expect(try values(page) == [2, 3, 4, 5])
        #expect(try values("b 1\r\nb 2\r\n") == [1, 2])
    }

    @Test("an empty page has no samples")
    func empty() throws { #expect(try values("") == []) }

    @Test(
        "a wanted line that is malformed makes the page unreadable, and says where",
        arguments: [
            "b", "b ", "b one", "b{", "b{x", "b{x=", "b{x=\"", "b{x=\"1\"", "b{x=\"1\" y=\"2\"} 1",
            "b{=\"1\"} 1", "b{x='1'} 1", "b{x=\"1\\", "b{x=\"1\"}", "b{,} 1",
            "b \(String(repeating: "1", count: 65))",
        ])
    func malformed(_ line: String) {
        #expect(throws: PrometheusText.Failure.malformed(line: 2)) {
            try text.samples(in: "b 1\n\(line)\n")
        }
    }

    @Test("nonsense in families that nobody asked for does not matter")
    func others() throws {
        #expect(try values("c{x=\"\n}{ what\n{\"b\"} 3\nb 1\n") == [1])
    }

    @Test("a page that was cut off is unreadable, wherever it ends")
    func cutOff() throws {
        let page = "b{x=\"1\"} 12\n"
        for end in page.indices.dropFirst() {
            #expect(throws: PrometheusText.Failure.self) {
                try text.samples(in: String(page[..<end]))
            }
        }
        #expect(try values(page) == [12])
    }

    @Test("a value without end is refused")
    func endless() {
        let value = String(repeating: "x", count: PrometheusText.maximumValueBytes + 1)
        #expect(throws: PrometheusText.Failure.tooLarge) {
            try text.samples(in: "b{x=\"\(value)\"} 1\n")
        }
    }

    @Test("more series than anything real has are refused")
    func many() {
        let page = String(repeating: "b 1\n", count: PrometheusText.maximumSamples + 1)
        #expect(throws: PrometheusText.Failure.tooLarge) { try text.samples(in: page) }
    }

    @Test("any bytes are read or refused", arguments: 0..<200)
    func fuzz(_ seed: Int) {
        var generator = Seeded(seed)
        let alphabet = Array("ab_total{}=\"\\,# \t\n01xyNaN+é")
        let page = String((0..<400).map { _ in alphabet[generator.below(alphabet.count)] })
        _ = try? text.samples(in: page)
        _ = try? text.samples(in: "b{" + page + "\n")
    }
}

/// SplitMix64.
struct Seeded {
    private var state: UInt64

    init(_ seed: Int) { state = UInt64(bitPattern: Int64(seed)) }

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(limit))
    }
}
