import Foundation
import JSON
import KubernetesClient
import MeshCluster
import SandboxServer
import Timing

/// A cluster that a command talks to: a real one, or a sandbox served on loopback for as long as the command runs.
struct ClusterConnection {
    let client: KubernetesClient
    let clock: any RunClock
    /// How the cluster is called in messages and in the journal.
    let name: String
    /// nil for a link's, which is not ours to close.
    private let transport: CurlTransport?
    private let sandbox: SandboxSession?

    static func open(
        _ options: ClusterOptions, _ context: CommandContext
    ) async throws -> ClusterConnection {
        let timeout = try options.timeout()
        if let link = context.link {
            var settings = link.settings
            if let timeout { settings.requestTimeout = timeout }
            return ClusterConnection(
                client: client(settings, link.transport, context.clock, context),
                clock: context.clock, name: link.name, transport: nil, sandbox: nil)
        }
        var sandbox: SandboxSession?
        var settings: ConnectionSettings
        if let name = options.sandbox {
            let session = try await SandboxSession.open(
                name: name, directory: options.stateDirectory(context),
                realTime: options.realTime, port: nil)
            sandbox = session
            settings = ConnectionSettings(server: try ServerURL(session.url))
            if let timeout { settings.requestTimeout = timeout }
        } else {
            let loader = KubeconfigLoader(
                environment: context.environment, homeDirectory: context.homeDirectory,
                tell: { context.note($0) })
            settings = try loader.settings(
                KubeconfigLoader.Choice(
                    file: options.kubeconfig.map(context.resolve), context: options.context,
                    namespace: nil, impersonatedUser: options.impersonate,
                    requestTimeout: timeout))
        }
        let transport = try CurlTransport(CurlTransport.Options(settings))
        let clock: any RunClock = sandbox?.clock ?? context.clock
        return ClusterConnection(
            client: client(settings, transport, clock, context), clock: clock,
            name: options.sandbox.map { "sandbox \($0)" } ?? settings.server.description,
            transport: transport, sandbox: sandbox)
    }

    private static func client(
        _ settings: ConnectionSettings, _ transport: any HTTPTransport, _ clock: any RunClock,
        _ context: CommandContext
    ) -> KubernetesClient {
        let bits = context.randomBits
        return KubernetesClient(
            settings: settings, transport: transport, clock: clock,
            jitter: { range in
                let fraction = Double(bits() >> 11) / Double(1 << 53)
                return range.lowerBound + (range.upperBound - range.lowerBound) * fraction
            })
    }

    /// `metadata.uid` of `kube-system`: what tells one cluster from another.
    ///
    /// - Parameter patient: a client that waits for a server that is away; nil to be told of it.
    func clusterUID(by patient: KubernetesClient? = nil) async throws -> String {
        let path = ObjectPath(.namespaces, name: "kube-system")
        let object = try await (patient ?? client).get(path)
        guard let uid = object?[path: "metadata", "uid"]?.string, !uid.isEmpty else {
            throw CommandFailure(
                .failure,
                "\(name) has no namespace kube-system, so it cannot be told from other clusters")
        }
        return uid
    }

    /// A client for what comes before a run and is not to fail for an outage, as at an incident: once the server
    /// has answered, it is waited for as in a run.
    func patientClient(for maxOutage: Duration, _ context: CommandContext) -> KubernetesClient {
        let reporter = ProgressReporter(context)
        return client.enduring(
            Endurance(limit: maxOutage, clock: clock) { report in
                switch report {
                case .away(let outage):
                    reporter.serverAway(
                        since: outage.since, now: outage.now, until: outage.until,
                        why: outage.failure.sentence)
                case .back(let duration): reporter.serverBack(after: duration)
                case .givenUp: break
                }
            })
    }

    func close() async {
        transport?.shutdown()
        await sandbox?.close()
    }
}

extension ClusterConnection {
    /// Opens, runs and closes again, whatever happens.
    static func with<Result>(
        _ options: ClusterOptions, _ context: CommandContext,
        _ body: (ClusterConnection) async throws -> Result
    ) async throws -> Result {
        let connection = try await open(options, context)
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }
}
