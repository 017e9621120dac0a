extension CommandContext {
    /// Asks, unless `--yes` was given. Without a terminal there is nobody to ask.
    ///
    /// - Parameter changes: what is about to be changed.
    func confirm(_ question: String, yes: Bool, changes: String) throws {
        if yes { return }
        guard isInteractive else {
            throw CommandFailure(
                .usage,
                "this changes \(changes) and there is no terminal to ask\nAdd --yes to go ahead.")
        }
        standardError.write("\(question) Only 'yes' is accepted: ")
        guard readLine() == "yes" else {
            throw CommandFailure(.failure, "cancelled, nothing was changed")
        }
    }
}
