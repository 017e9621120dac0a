import Testing
import Timing

@Suite struct TimestampTests {
    @Test(
        "RFC 3339 is read and written",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:34:56Z", 951_827_696_000),
            ("2026-11-21T01:27:39Z", 1_795_224_459_000), ("1969-12-31T23:59:59Z", -1000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000),
        ] as [(String, Int64)])
    func both(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
        #expect(Timestamp(milliseconds: milliseconds).rfc3339 == text)
    }

    @Test(
        "fractions and offsets are read",
        arguments: [
            ("1970-01-01T00:00:00.5Z", 500), ("1970-01-01T00:00:00.123456789Z", 123),
            ("1970-01-01T01:00:00+01:00", 0), ("1969-12-31T19:00:00.001-05:00", 1),
            ("1970-01-01t00:00:01z", 1000),
        ] as [(String, Int64)])
    func forms(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test("MicroTime has six digits, also before 1970")
    func micro() {
        #expect(Timestamp(milliseconds: 1_500).rfc3339Micro == "1970-01-01T00:00:01.500000Z")
        #expect(Timestamp(milliseconds: -1).rfc3339Micro == "1969-12-31T23:59:59.999000Z")
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "2026-11-21", "2026-11-21T01:27:39", "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
            "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.", "2026-01-01T00:00:00+0100",
            "2026-01-01 00:00:00Z", "2026-01-01T00:00:00ZZ", "２026-01-01T00:00:00Z",
            "2026-01-01T00:00:00+01:0a",
        ])
    func refused(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("durations are added and measured in milliseconds")
    func arithmetic() {
        let start = Timestamp(milliseconds: 1_000)
        let end = start + .milliseconds(2_500)
        #expect(end.milliseconds == 3_500)
        #expect(end - start == .milliseconds(2_500))
        #expect(start < end)
        #expect(Duration.microseconds(1_999).wholeMilliseconds == 1)
    }

    @Test("moments and durations that somebody else wrote stay at the ends of their range")
    func ends() {
        let (first, last) = (Timestamp(milliseconds: .min), Timestamp(milliseconds: .max))
        #expect(last - first == .milliseconds(Int64.max))
        #expect(first - last == .milliseconds(Int64.min))
        #expect(last + .seconds(1) == last)
        #expect(first + .seconds(-1) == first)
        #expect(first + .seconds(Int64.max) == Timestamp(milliseconds: -1))
        #expect((Duration.seconds(Int64.max) + .seconds(Int64.max)).wholeMilliseconds == .max)
        #expect((Duration.seconds(Int64.min) + .seconds(Int64.min)).wholeMilliseconds == .min)
        #expect(last.rfc3339 == "292278994-08-17T07:12:55Z")
        #expect(first.rfc3339Micro.hasSuffix(".192000Z"))
    }

    @Test("clamped arithmetic is exact within the range")
    func clamped() {
        #expect(Int.max.addingClamped(1) == .max && Int.min.addingClamped(-1) == .min)
        #expect(Int.min.subtractingClamped(1) == .min && Int.max.subtractingClamped(-1) == .max)
        #expect(
            Int.max.multipliedClamped(by: -2) == .min && Int.min.multipliedClamped(by: -2) == .max)
        #expect(
            3.addingClamped(4) == 7 && 3.subtractingClamped(4) == -1
                && 3.multipliedClamped(by: -4) == -12)
    }
}
