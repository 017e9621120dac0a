import ArgumentParser

/// The program: parse, run, and turn whatever happened into an exit code, in this one place.
package enum MeshctlMain {
    /// - Parameter arguments: without the program's name.
    package static func run(_ arguments: [String], _ context: CommandContext) async -> Int32 {
        do {
            try await CommandContext.$current.withValue(context) {
                var command = try MeshctlRoot.parseAsRoot(arguments)
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
            }
            return ExitStatus.success.rawValue
        } catch let failure as CommandFailure {
            return report(failure, context)
        } catch let error where isFromArguments(error) {
            let code = MeshctlRoot.exitCode(for: error)
            let message = MeshctlRoot.fullMessage(for: error)
            if code == .success {
                context.print(message)
                return code.rawValue
            }
            context.note(message)
            return ExitStatus.usage.rawValue
        } catch {
            return report(ErrorConversion.failure(for: error), context)
        }
    }

    private static func report(_ failure: CommandFailure, _ context: CommandContext) -> Int32 {
        if !failure.message.isEmpty { context.note("Error: " + failure.message) }
        return failure.status.rawValue
    }

    /// ArgumentParser's own errors, help and version among them; all others are thrown by commands.
    private static func isFromArguments(_ error: any Error) -> Bool {
        if error is ValidationError || error is CleanExit || error is ExitCode { return true }
        return String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
    }
}
