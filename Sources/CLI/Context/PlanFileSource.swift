import Diagnostics
import Foundation
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

    static func decode(_ source: SourceText, _ context: CommandContext) throws -> PlanFileSource {
        let result = PlanFileDecoder.decode(source)
        let unsupported = result.plan.map { UnsupportedFeatures.diagnostics(for: $0) } ?? []
        let diagnostics = result.diagnostics + unsupported
        if !diagnostics.isEmpty {
            context.note(
                DiagnosticRenderer.text(
                    diagnostics, sources: [source], color: context.colorsErrors))
        }
        guard let plan = result.plan, !diagnostics.hasErrors else {
            let count = diagnostics.count { $0.severity == .error }
            throw CommandFailure(
                .failure, "\(source.name): \(count) \(count == 1 ? "mistake" : "mistakes"), "
                    + "nothing was changed")
        }
        return PlanFileSource(source: source, plan: plan)
    }

    static func read(_ name: String, _ context: CommandContext) throws -> SourceText {
        let data: Data
        do {
            data =
                name == "-"
                ? try FileHandle.standardInput.readToEnd() ?? Data()
                : try Data(contentsOf: URL(fileURLWithPath: context.resolve(name)))
        } catch {
            throw CommandFailure(
                .failure, "cannot read plan file \(name): \(systemReason(error))")
        }
        guard let text = String(data: data, encoding: .utf8) else {
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

/// The system's words for an error, without a path that may be long or repeated.
func systemReason(_ error: any Error) -> String {
    let error = error as NSError
    if let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError,
        underlying.domain == NSPOSIXErrorDomain
    {
        return String(cString: strerror(Int32(underlying.code)))
    }
    return error.localizedDescription
}
