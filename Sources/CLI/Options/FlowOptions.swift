import ArgumentParser

/// What a person decides about flows and exceptions, besides what the plan file says.
struct FlowOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take no account of a flow, as 'CLIENT->SERVER:PORT' or 'SERVER:PORT'. Repeatable.",
            valueName: "flow"))
    var ignoreFlow: [String] = []

    @Option(
        help: ArgumentHelp(
            "Go on although this flow, 'CLIENT->SERVER:PORT', breaks. Kept in the journal. Repeatable.",
            valueName: "flow"))
    var acceptBreaking: [String] = []

    @Flag(help: "Block the plan when an exception is past its date, instead of warning.")
    var strictExpiry = false
}
