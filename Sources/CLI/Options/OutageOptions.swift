import ArgumentParser

/// How long a run puts up with an API server that does not answer.
struct OutageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "When the API server does not answer, try again for at most this long; then stop, to be gone on with later.",
            valueName: "duration"))
    var maxOutage = "5m"

    func limit() throws -> Duration {
        guard let duration = ClusterOptions.duration(maxOutage) else {
            throw CommandFailure(
                .usage, "--max-outage: '\(maxOutage)' is no duration; write 5m or 90s")
        }
        return duration
    }
}
