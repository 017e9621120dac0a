import Diagnostics
import MeshModel

/// The flows of the plan file, their ends found in what was read; an end that is not there is an error.
struct DeclaredFlows {
    private(set) var flows: [Flow] = []
    private(set) var diagnostics: [Diagnostic] = []

    init(_ entries: [FlowEntry], in facts: InferenceFacts) {
        guard !entries.isEmpty else { return }
        let ends = DeclaredEnds(entries, in: facts)
        for entry in entries {
            let client = found(ends.client(entry.from), entry)
            let server = found(ends.server(entry.to), entry)
            guard let client, let server else { continue }
            flows.append(
                Flow(
                    from: client, to: server, origin: .declared, because: "flows of the plan file",
                    expect: entry.expect))
        }
    }

    private mutating func found<End>(
        _ end: Result<End, DeclaredEnds.Missing>, _ entry: FlowEntry
    ) -> End? {
        switch end {
        case .success(let end): return end
        case .failure(let missing):
            diagnostics.append(
                Diagnostic(
                    .unknownFlowEnd, missing.message,
                    detail: missing.detail ?? "Check its namespace and name.", at: entry.range))
            return nil
        }
    }
}
