/// On a fresh read, the steps of the batch break no required flow.
package struct FlowsCarried: Sendable, Hashable, Codable {
    /// The batch that is about to start.
    package var batch: Int

    package init(batch: Int) { self.batch = batch }
}
