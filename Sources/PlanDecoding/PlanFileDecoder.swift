package import Diagnostics
package import MeshModel
import YAML

/// What a plan file says, and what is wrong with it.
package struct PlanFileResult: Sendable {
    /// nil when there is an error.
    package var plan: MeshPlan?
    /// In the order of the file.
    package var diagnostics: [Diagnostic]
}

/// Reads a plan file: all of its format is checked in one pass, so that one run shows every mistake.
package enum PlanFileDecoder {
    package static func decode(_ source: SourceText) -> PlanFileResult {
        result(in: source.name) { () throws(YAMLError) in try YAMLReader.read(source) }
    }

    /// The same from bytes that nobody has looked at yet: they may not even be UTF-8.
    package static func decode(_ bytes: [UInt8], name: String) -> PlanFileResult {
        result(in: name) { () throws(YAMLError) in try YAMLReader.read(bytes, name: name) }
    }

    private static func result(
        in file: String, _ read: () throws(YAMLError) -> YAMLReader.Content
    ) -> PlanFileResult {
        let content: YAMLReader.Content
        do {
            content = try read()
        } catch {
            return PlanFileResult(plan: nil, diagnostics: error.diagnostics)
        }
        let mistakes = PlanMistakes(content.diagnostics)
        let plan = plan(content.documents, file: file, mistakes: mistakes)
        return PlanFileResult(
            plan: mistakes.diagnostics.isEmpty ? plan : nil, diagnostics: mistakes.sorted())
    }

    private static func plan(
        _ documents: [YAMLNode], file: String, mistakes: PlanMistakes
    ) -> MeshPlan? {
        guard let first = documents.first else {
            let start = SourcePosition(line: 1, column: 1)
            mistakes.report(
                .missingKey, "the file holds no plan",
                detail: "A plan file begins with the lines below.",
                remedy: "apiVersion: \(PlanRoot.apiVersion)\nkind: \(PlanRoot.kind)",
                at: SourceRange(file: file, start: start, end: start))
            return nil
        }
        if documents.count > 1 {
            PlanCursor(node: documents[1], path: "", mistakes: mistakes).report(
                .duplicateEntry, "the file holds \(documents.count) documents",
                detail: "One file is one plan. Put the other documents into files of their own.")
        }
        let root = PlanCursor(node: first, path: "", mistakes: mistakes)
        guard isPlan(root), let fields = root.fields(PlanRoot.object) else { return nil }
        guard let plan = PlanRoot.plan(fields) else { return nil }
        PlanChecks.check(plan, mistakes: mistakes)
        return plan
    }

    /// Whether the document means to be a plan: a file of another kind has one mistake, not a hundred.
    private static func isPlan(_ root: PlanCursor) -> Bool {
        guard case .mapping(let mapping) = root.node else {
            root.report(
                .wrongType, "the file is not a plan",
                detail: "A plan file is a mapping with the keys "
                    + "\(PlanRoot.object.names.joined(separator: ", ")).")
            return false
        }
        let fields = PlanFields(mapping: mapping, cursor: root)
        let version = fields["apiVersion"].map { $0.choice([Word(PlanRoot.apiVersion)]) != nil }
        let kind = fields["kind"].map { $0.choice([Word(PlanRoot.kind)]) != nil }
        return version == true || kind == true || version == nil && kind == nil
    }
}
