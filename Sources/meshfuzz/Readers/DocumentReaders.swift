import Diagnostics
import JSON
import MeshCluster
import MeshModel
import MeshPlanning
import PlanDecoding
import YAML

extension FuzzReader {
    /// What is read can be written, and is then read as the same.
    static let yaml = FuzzReader("yaml", .yaml) { bytes in
        let content: YAMLReader.Content
        do throws(YAMLError) {
            content = try YAMLReader.read(bytes, name: "x.yaml")
        } catch {
            try Promises.expect(!error.diagnostics.isEmpty, "an error that says nothing")
            return try Promises.hold(error.diagnostics, in: bytes, named: "x.yaml")
        }
        var text = try Promises.hold(content.diagnostics, in: bytes, named: "x.yaml")
        for document in content.documents {
            let value = document.json()
            let written = YAMLWriter.text(value)
            text += written
            // An empty text is no document.
            guard value != .null, !written.isEmpty else { continue }
            let again: [YAMLNode]
            do throws(YAMLError) {
                again = try YAMLReader.documents(
                    in: Array(written.utf8), name: "again", limits: .manifests)
            } catch {
                throw BrokenPromise(
                    "what was written cannot be read: \(error.diagnostics.first?.message ?? "")")
            }
            try Promises.expect(
                again.map { $0.json() } == [value] || value == .string(""),
                "written and read again it is another document: \(written.prefix(200))")
        }
        return text
    }

    static let json = FuzzReader("json", .json, seconds: 3) { bytes in
        try outcome {
            let value: JSONValue
            do { value = try JSONValue(parsing: bytes) } catch { return "error: \(error)" }
            let text = value.canonicalText
            try Promises.expect(
                try JSONValue(parsing: Array(text.utf8)).canonicalText == text,
                "written and read again it is another document: \(text.prefix(200))")
            _ = value.prettyText
            let patch = value.mergePatch(to: ["a": value])
            try Promises.expect(
                value.merging(patch: patch).canonicalText.isEmpty == false, "an empty document")
            return text
        }
    }

    static let plan = FuzzReader("plan", .yaml) { bytes in
        let result = PlanFileDecoder.decode(bytes, name: "plan.yaml")
        try Promises.expect(
            (result.plan == nil) == result.diagnostics.hasErrors, "errors and a plan, or neither")
        let text = try Promises.hold(result.diagnostics, in: bytes, named: "plan.yaml")
        guard let plan = result.plan else { return text }
        let planned = RolloutPlanner.plan(plan, on: MeshState())
        return text + (try Promises.hold(planned.diagnostics, in: bytes, named: "plan.yaml"))
    }

    static let manifests = FuzzReader("manifests", .yaml, seconds: 2) { bytes in
        do throws(ManifestReader.ReadError) {
            let observation = try ManifestReader.observe(contents: bytes, name: "x.yaml")
            let state = observation.state
            return
                "\(state.pods.count) \(state.workloads.count) \(state.namespaces.map(\.name).sorted())"
        } catch {
            return try Promises.hold(error.diagnostics, in: bytes, named: "x.yaml")
        }
    }

    /// The same files, and what planning makes of what stands in them.
    static let mesh = FuzzReader("mesh", .yaml, corpus: "manifests", seconds: 4) { bytes in
        guard let observation = try? ManifestReader.observe(contents: bytes, name: "x.yaml") else {
            return "unreadable"
        }
        let catalogue = FlowCatalogue(plan: strict, state: observation.state)
        let planned = RolloutPlanner.plan(strict, on: observation.state, flows: catalogue.flows)
        let found = catalogue.diagnostics + planned.diagnostics
        let flows = catalogue.flows.map(\.text).joined(separator: "\n")
        return try Promises.hold(found, in: Array(strictText.utf8), named: "plan.yaml") + flows
            + JSONValue(encoding: planned.rollout).canonicalText
    }

    private static let strictText = """
        apiVersion: meshctl.dev/v1alpha1
        kind: MeshPlan
        metadata: {name: fuzz}
        spec:
          mesh: {mtls: STRICT}
          namespaces:
            - {name: shop, dataplane: ambient, mtls: STRICT}
            - {name: default, dataplane: sidecar, mtls: STRICT}
        """

    private static let strict =
        PlanFileDecoder.decode(SourceText(name: "plan.yaml", text: strictText)).plan
        ?? MeshPlan(name: "fuzz")
}
