/// The ztunnels of the nodes where pods of these namespaces run logged no trouble with xDS, certificates or
/// DNS that they have not recovered from.
package struct ZtunnelLogs: Sendable, Hashable, Codable {
    package var namespaces: [String]
    /// How far back, in milliseconds; a log that does not reach back so far is inconclusive.
    package var windowMilliseconds: Int64
    package var maximumErrors: Int

    package init(namespaces: [String], windowMilliseconds: Int64, maximumErrors: Int) {
        self.namespaces = namespaces
        self.windowMilliseconds = windowMilliseconds
        self.maximumErrors = maximumErrors
    }
}
