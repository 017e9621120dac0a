/// One command of the tour, with what it is there to show.
struct DemoScene {
    var story: String
    /// The plan file from here on; nil where it stays as it is.
    var plan: String?
    var arguments: [String]
    var expected: ExitStatus = .success

    private static let here = ["--sandbox", "home-cluster", "-f", "home-cluster.yaml"]

    static let all = [
        DemoScene(
            story: """
                # A home cluster with Istio ambient. Everything accepts plaintext, and everything shall be STRICT.
                # Nobody thought of cloudflared, which stays outside the mesh: the plan is blocked, and says why.
                """,
            plan: DemoPlan.withoutException, arguments: ["plan"] + here, expected: .blocked),
        DemoScene(
            story: """
                # The exception is pasted, with its reason. But there is something that no tool can foresee:
                # as soon as mirai-api is STRICT, it refuses its most important client.
                """,
            plan: DemoPlan.text,
            arguments: [
                "sandbox", "fault", "home-cluster", "resets-under-strict",
                "default/mirai-frontend", "default/mirai-api",
            ]),
        DemoScene(
            story: """
                # Step by step to STRICT. Gates are asked before each batch, each step is journaled before it is
                # written, and once something is STRICT the proxies are watched for refusals.
                """,
            arguments: ["apply"] + here + ["--stage", "strict", "--yes"], expected: .rolledBack),
        DemoScene(
            story:
                "# The wave was relaxed by itself, and the rest stays in place. All of it is in the state file.",
            arguments: ["history"]),
        DemoScene(
            story: "# The cause is found and mended.",
            arguments: ["sandbox", "fault", "home-cluster", "--clear"]),
        DemoScene(
            story: "# The same command plans what is left, and gets there.",
            arguments: ["apply"] + here + ["--stage", "strict", "--yes"]),
        DemoScene(
            story: "# The cluster is as the plan says, so there is nothing left to do.",
            arguments: ["plan"] + here),
        DemoScene(
            story:
                "# Cold feet? Back: policies are relaxed at once, then all is as before the last run.",
            arguments: ["rollback", "--sandbox", "home-cluster", "--yes"]),
        DemoScene(
            story: "# What happened, from the state file.",
            arguments: ["history"]),
    ]
}
