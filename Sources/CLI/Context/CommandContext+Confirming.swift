extension CommandContext {
    /// Asks, unless `--yes` was given. Without a terminal there is nobody to ask.
    func confirm(_ question: String, yes: Bool) throws {
        if yes { return }
        guard isInteractive else {
            throw CommandFailure(
                .usage,
                "this changes the cluster and there is no terminal to ask\n"
                    + "Add --yes to go ahead.")
        }
        standardError.write("\(question) Only 'yes' is accepted: ")
        guard readLine() == "yes" else {
            throw CommandFailure(.failure, "cancelled, nothing was changed")
        }
    }
}
