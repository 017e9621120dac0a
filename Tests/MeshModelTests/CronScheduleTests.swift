import MeshModel
import Testing

@Suite("When a CronJob runs")
struct CronScheduleTests {
    @Test(
        "the longest pause between two runs, in minutes",
        arguments: [
            ("* * * * *", 1), ("*/5 * * * *", 5), ("0,10 * * * *", 50), ("*/7 * * * *", 7),
            ("0 * * * *", 60), ("@hourly", 60), ("30 3 * * *", 1440), ("@daily", 1440),
            ("0 8-17 * * *", 15 * 60), ("0 2 * * 1-5", 3 * 1440), ("0 2 * * mon-fri", 3 * 1440),
            ("@weekly", 7 * 1440), ("0 0 1 * *", 31 * 1440), ("@yearly", 366 * 1440),
            ("0 0 29 2 *", 1461 * 1440), ("0 0 1 * 0", 7 * 1440), ("0 0 ? JAN ?", 336 * 1440),
            ("@every 1h30m", 90), ("TZ=Europe/Rome 0 * * * *", 60), ("5/20 * * * *", 20),
        ])
    func pause(_ text: String, _ minutes: Int) {
        #expect(CronSchedule(text)?.longestPause == .seconds(minutes * 60))
    }

    @Test("a day that never comes is no pause")
    func never() { #expect(CronSchedule("0 0 30 2 *")?.longestPause == nil) }

    @Test(
        "other texts are no schedule",
        arguments: [
            "", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7",
            "a * * * *",
            "5-1 * * * *", "*/0 * * * *", "*/x * * * *", ", * * * *", "- * * * *", "@never",
            "@every",
            "@every x", "@every 99999999999999h", "/ * * * *",
        ])
    func none(_ text: String) { #expect(CronSchedule(text) == nil) }
}
