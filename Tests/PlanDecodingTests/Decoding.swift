import Diagnostics
import MeshModel
import PlanDecoding

/// A plan file with this `spec`.
func planFile(_ spec: String) -> String {
    "apiVersion: meshctl.dev/v1alpha1\nkind: MeshPlan\nmetadata: {name: test}\nspec:\n"
        + spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
        .joined(separator: "\n") + "\n"
}

func decode(_ text: String) -> PlanFileResult {
    PlanFileDecoder.decode(MarkedText(text).source)
}

/// What is wrong with a plan file, each as `MARK code: message`.
func mistakes(_ text: String) -> [String] {
    let marked = MarkedText(text)
    let result = PlanFileDecoder.decode(marked.source)
    return result.diagnostics.map { "\(marked.mark(of: $0)) \($0.code.rawValue): \($0.message)" }
}

/// The same for a `spec`.
func specMistakes(_ spec: String) -> [String] { mistakes(planFile(spec)) }

/// What to do about the first mistake.
func firstDetail(_ spec: String) -> String {
    decode(planFile(spec)).diagnostics.first?.detail ?? ""
}

func spec(_ text: String) -> MeshPlan? { decode(planFile(text)).plan }
