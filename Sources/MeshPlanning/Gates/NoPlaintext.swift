/// Nobody sends plaintext any more to the workload-ports that a step tightens.
package struct NoPlaintext: Sendable, Hashable, Codable {
    /// A workload that gets stricter, and on which of its ports.
    package struct Target: Sendable, Hashable, Codable {
        /// `shop/Deployment/cart`, or `shop/Pod/cart-0` for a bare pod.
        package var workload: String
        /// Container ports that go on accepting plaintext.
        package var openPorts: [Int]

        package init(workload: String, openPorts: [Int] = []) {
            self.workload = workload
            self.openPorts = openPorts
        }
    }

    package var targets: [Target]
    /// How long plaintext must not have been seen, in milliseconds.
    package var windowMilliseconds: Int64

    package init(targets: [Target], windowMilliseconds: Int64) {
        self.targets = targets
        self.windowMilliseconds = windowMilliseconds
    }
}
