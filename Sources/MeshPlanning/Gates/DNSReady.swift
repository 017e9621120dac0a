package import MeshModel

/// The cluster's DNS pods are ready, and their controller is at strength.
package struct DNSReady: Sendable, Hashable, Codable {
    package var namespace: String
    package var selector: LabelSelector

    package init(namespace: String, selector: LabelSelector) {
        self.namespace = namespace
        self.selector = selector
    }
}
