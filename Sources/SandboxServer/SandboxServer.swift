import NIOCore
import NIOHTTP1
import NIOPosix

/// A sandbox as HTTP/1.1 on the loopback interface.
package final class SandboxServer: Sendable {
    /// The port cannot be listened on, usually because something else does.
    package struct ListenError: Error, Sendable, Equatable {
        package var port: Int
        package var why: String
    }

    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel
    private let served: ServedCluster
    package let port: Int

    package var url: String { "http://127.0.0.1:\(port)" }

    /// Listens on the port, or (0) on a free one.
    package static func start(_ served: ServedCluster, port: Int) async throws -> SandboxServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .writeBufferWaterMark, value: .init(low: 1 << 20, high: 16 << 20)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(HTTPConnection(served))
                }
            }
        do {
            let listener = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
            let bound = listener.localAddress?.port ?? port
            // A cluster at wall speed lives on while nobody asks.
            listener.eventLoop.scheduleRepeatedTask(
                initialDelay: .milliseconds(50), delay: .milliseconds(50)
            ) { _ in served.tick() }
            return SandboxServer(group: group, listener: listener, served: served, port: bound)
        } catch {
            try? await group.shutdownGracefully()
            throw ListenError(port: port, why: "\(error)")
        }
    }

    private init(
        group: MultiThreadedEventLoopGroup, listener: any Channel, served: ServedCluster, port: Int
    ) {
        self.group = group
        self.listener = listener
        self.served = served
        self.port = port
    }

    /// Takes no more connections, ends the watches, and closes what is open.
    package func stop() async {
        try? await listener.close()
        served.close()
        try? await group.shutdownGracefully()
    }
}
