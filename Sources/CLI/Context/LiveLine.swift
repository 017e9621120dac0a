/// One line on standard error that is rewritten; only on a terminal, where the next line takes its place.
struct LiveLine {
    let context: CommandContext
    private var isShown = false

    init(_ context: CommandContext) { self.context = context }

    mutating func show(_ text: String) {
        guard context.errorIsTerminal else { return }
        clear()
        context.standardError.write(text)
        isShown = true
    }

    /// Before anything else is written.
    mutating func clear() {
        guard isShown else { return }
        context.standardError.write("\r\u{1B}[K")
        isShown = false
    }
}
