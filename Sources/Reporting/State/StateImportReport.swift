package import MeshPlanning

/// `meshctl state import`: what was added to the state file.
package struct StateImportReport: Report {
    package let formatVersion = "1.0"
    package let kind = "StateImport"
    /// Runs that the file did not have.
    package var new: [String]
    /// Runs that it had a part of.
    package var extended: [String]
    /// Runs that it had.
    package var known: [String]
    /// Rows of what was observed that were added or brought up to date.
    package var observed: Int
    /// Broken locks that the file did not know of.
    package var lockBreaks: Int

    package init(
        new: [RunID], extended: [RunID], known: [RunID], observed: Int, lockBreaks: Int
    ) {
        self.new = new.map(\.text)
        self.extended = extended.map(\.text)
        self.known = known.map(\.text)
        self.observed = observed
        self.lockBreaks = lockBreaks
    }

    package var document: TextDocument {
        var document = TextDocument()
        for run in new { document.add(TextLine("+ ", .green) + TextLine(run)) }
        for run in extended {
            document.add(TextLine("~ ", .yellow) + TextLine("\(run), its later events"))
        }
        document.add(
            TextLine(
                "\(Phrases.count(new.count, "run")) added, \(extended.count) continued, "
                    + "\(known.count) known already; \(Phrases.count(observed, "observation")) added."
            ))
        if lockBreaks > 0 {
            document.add(TextLine("\(Phrases.count(lockBreaks, "broken lock")) noted."))
        }
        return document
    }
}
