package import KubernetesSandbox

/// An opened sandbox: locked, loaded, and served on a loopback port until it is closed.
package final class SandboxSession: Sendable {
    package let name: String
    package let clock: SandboxClock
    private let server: SandboxServer
    private let served: ServedCluster
    private let lock: SandboxLock

    /// Opens the sandbox of this name, made from its scenario at first use.
    ///
    /// - Parameters:
    ///   - directory: where its contents are kept; made when it is not there.
    ///   - realTime: whether its time goes at wall speed; otherwise waits are jumped over.
    ///   - port: nil for a free one.
    /// - Throws: `SandboxStoreError`, or `SandboxServer.ListenError`.
    package static func open(
        name: String, directory: String, realTime: Bool, port: Int? = nil
    ) async throws -> SandboxSession {
        let lock = try SandboxCatalogue.lock(name: name, directory: directory)
        let (store, cluster) = try SandboxCatalogue.open(name: name, directory: directory)
        let pace: ServedCluster.Pace = realTime ? .real : .virtual
        let served = ServedCluster(cluster, store: store, pace: pace)
        do {
            let server = try await SandboxServer.start(served, port: port ?? 0)
            lock.announce(url: server.url)
            return SandboxSession(
                name: name, clock: SandboxClock(served, pace: pace), server: server,
                served: served, lock: lock)
        } catch {
            served.close()
            throw error
        }
    }

    private init(
        name: String, clock: SandboxClock, server: SandboxServer, served: ServedCluster,
        lock: SandboxLock
    ) {
        self.name = name
        self.clock = clock
        self.server = server
        self.served = served
        self.lock = lock
    }

    package var url: String { server.url }
    package var port: Int { server.port }

    /// The last requests served, oldest first.
    package var requestLog: [RequestLog.Entry] { served.requestLog }

    /// Reads or changes the cluster itself, as for switching a fault; kept as a request's effects are.
    ///
    /// - Throws: what `body` throws, and `SandboxStoreError`.
    package func withCluster<T: Sendable>(
        _ body: (inout SandboxCluster) throws -> T
    ) throws -> T {
        try served.withCluster(body)
    }

    /// A kubeconfig for the sandbox, for meshctl itself and for kubectl.
    package func kubeconfigText() -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: sandbox-\(name)
        clusters:
        - name: sandbox-\(name)
          cluster:
            server: \(url)
        contexts:
        - name: sandbox-\(name)
          context:
            cluster: sandbox-\(name)
            user: sandbox
        users:
        - name: sandbox
          user:
            token: sandbox

        """
    }

    /// Stops serving, and keeps the contents for the next time.
    package func close() async {
        await server.stop()
        lock.release()
    }
}
