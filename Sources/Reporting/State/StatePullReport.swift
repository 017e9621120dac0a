package import MeshPlanning

/// `meshctl state pull`: what the state file has learnt from the checkpoints in the cluster.
package struct StatePullReport: Report {
    package let formatVersion = "1.0"
    package let kind = "StatePull"
    /// Runs that it did not know, newest first.
    package var added: [RunEntry]
    /// Runs that it knew, and that ended since on another machine.
    package var ended: [String]
    /// A sentence for each checkpoint that cannot be used.
    package var unusable: [String]

    /// - Parameters:
    ///   - runs: all that are known now, newest first.
    ///   - unusable: without control characters.
    package init(
        added: [RecordedRun], of runs: [RecordedRun], ended: [RunID], unusable: [String]
    ) {
        let history = RunHistory(newestFirst: runs.map(\.state))
        self.added = added.map {
            RunEntry($0, rollbacks: history.rollbacks(of: $0.state.header.id))
        }
        self.ended = ended.map(\.text)
        self.unusable = unusable
    }

    package var document: TextDocument {
        var document = TextDocument()
        if !added.isEmpty { document.add(RunEntry.table(added)) }
        for run in ended { document.add("Run \(run) has ended.") }
        for sentence in unusable { document.add(TextLine("Left out: \(sentence)", .yellow)) }
        if added.isEmpty, ended.isEmpty, unusable.isEmpty {
            document.add("Nothing new: every checkpoint in the cluster is of a run that is known.")
        }
        return document
    }
}
