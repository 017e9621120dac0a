import ArgumentParser

/// The program: parse, run, and turn whatever happened into an exit code, in this one place.
package enum MeshctlMain {
    /// - Parameter arguments: without the program's name.
    package static func run(_ arguments: [String], _ context: CommandContext) async -> Int32 {
        await CommandContext.$current.withValue(context) {
            do {
                return await execute(try MeshctlRoot.parseAsRoot(arguments), context)
            } catch {
                return usage(error, context)
            }
        }
    }

    private static func execute(
        _ command: sending any ParsableCommand, _ context: CommandContext
    ) async -> Int32 {
        var command = command
        do {
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return ExitStatus.success.rawValue
        } catch let failure as CommandFailure {
            return report(failure, context)
        } catch let error where MeshctlRoot.exitCode(for: error) == .success {
            // `meshctl help …` throws its text.
            return usage(error, context)
        } catch {
            return report(ErrorConversion.failure(for: error), context)
        }
    }

    /// What ArgumentParser has to say: help on standard output, a mistake on standard error.
    private static func usage(_ error: any Error, _ context: CommandContext) -> Int32 {
        let message = MeshctlRoot.fullMessage(for: error)
        guard MeshctlRoot.exitCode(for: error) == .success else {
            context.note(message)
            return ExitStatus.usage.rawValue
        }
        context.print(message)
        return ExitStatus.success.rawValue
    }

    private static func report(_ failure: CommandFailure, _ context: CommandContext) -> Int32 {
        if !failure.message.isEmpty { context.note("Error: " + failure.message) }
        return failure.status.rawValue
    }
}
