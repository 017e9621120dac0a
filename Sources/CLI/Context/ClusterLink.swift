package import KubernetesClient

/// The way to a cluster that whoever runs the command has at hand: a simulated one. Its clock is the command's.
package struct ClusterLink: Sendable {
    package var settings: ConnectionSettings
    package var transport: any HTTPTransport
    /// How the cluster is called in messages and in the journal.
    package var name: String

    package init(settings: ConnectionSettings, transport: any HTTPTransport, name: String) {
        self.settings = settings
        self.transport = transport
        self.name = name
    }
}
