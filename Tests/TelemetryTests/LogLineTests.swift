import Telemetry
import Testing
import Timing

@Suite("A line of a container's log")
struct LogLineTests {
    @Test("the kubelet's time comes before the text")
    func time() throws {
        let line = try #require(LogLine("2026-11-21T08:00:00.123456789Z one  two"))
        #expect(line.time == Timestamp(rfc3339: "2026-11-21T08:00:00.123Z"))
        #expect(line.text == "one  two")
    }

    @Test("a line without a time is none", arguments: ["", "no time", "2026-11-21T08:00:00Z"])
    func none(_ text: String) {
        #expect(LogLine(text[...]) == nil)
    }
}
