/// `meshctl rollback --cascade` for programs: the ways back of all runs that were undone, as one document.
package struct RollbackListReport: Report {
    package let formatVersion = "1.0"
    package let kind = "RollbackList"
    /// In the order in which they were carried out: the newest run first. The last one may have failed.
    package var items: [RollbackReport]

    package init(items: [RollbackReport]) { self.items = items }

    package var document: TextDocument {
        var document = TextDocument()
        for line in items.flatMap(\.document.lines) { document.add(line) }
        return document
    }
}
