import Diagnostics
import Foundation
import KubernetesClient
import MeshModel
import PlanDecoding
import Reporting

/// A plan file, read once and decoded.
struct PlanFileSource {
    var source: SourceText
    var plan: MeshPlan

    /// - Parameter path: nil for the only file in `plans/`.
    static func load(_ path: String?, _ context: CommandContext) throws -> PlanFileSource {
        let name = try path ?? theOnlyOne(context)
        return try decode(read(name, context), context)
    }

    /// For commands that can do without: the named one, or the only file in `plans/`; nil with a word on
    /// standard error where it cannot be used, and without one where there is none to take.
    static func ifUsable(_ path: String?, _ context: CommandContext) -> PlanFileSource? {
        guard let name = path ?? (try? theOnlyOne(context)) else { return nil }
        do {
            return try decode(read(name, context), context)
        } catch {
            let reason = (error as? CommandFailure)?.message ?? error.localizedDescription
            context.note("Going on without a plan file: \(TerminalText.sanitized(reason))")
            return nil
        }
    }

    static func decode(_ source: SourceText, _ context: CommandContext) throws -> PlanFileSource {
        let result = PlanFileDecoder.decode(source)
        let diagnostics = result.diagnostics
        context.noteDiagnostics(diagnostics, sources: [source])
        guard let plan = result.plan, !diagnostics.hasErrors else {
            let count = diagnostics.count { $0.severity == .error }
            throw CommandFailure(
                .failure,
                "\(source.name): \(count) \(count == 1 ? "mistake" : "mistakes"), "
                    + "nothing was changed")
        }
        return PlanFileSource(source: source, plan: plan)
    }

    static func read(_ name: String, _ context: CommandContext) throws -> SourceText {
        let bytes: [UInt8]
        do throws(FileContents.Failure) {
            bytes = try FileContents.read(name == "-" ? name : context.resolve(name))
        } catch {
            throw CommandFailure(.failure, "cannot read plan file \(name): \(error.reason)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(.failure, "plan file \(name) is not UTF-8 text")
        }
        return SourceText(name: name == "-" ? "<stdin>" : name, text: text)
    }

    private static func theOnlyOne(_ context: CommandContext) throws -> String {
        let folder = context.resolve("plans")
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
        if let only = files.first, files.count == 1 { return "plans/" + only }
        guard !files.isEmpty else {
            throw CommandFailure(
                .usage, "there is no plan file in plans/\nName one with -f FILE.")
        }
        throw CommandFailure(
            .usage,
            "plans/ holds \(files.count) plan files; name one with -f:\n"
                + files.map { "  -f plans/\($0)" }.joined(separator: "\n"))
    }
}
