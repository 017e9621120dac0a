import Foundation
import HTTPTypes
import KubernetesSandbox
import NIOCore
import NIOHTTP1
import Timing

/// One client's connection: requests in, responses and watch streams out.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let served: ServedCluster
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLarge = false
    private var watch: Int?
    private var keepsAlive = true

    /// As large as an API server lets a request be.
    private static let bodyLimit = 3 << 20

    init(_ served: ServedCluster) { self.served = served }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            isTooLarge = false
        case .body(let part):
            guard body.count + part.readableBytes <= Self.bodyLimit else {
                isTooLarge = true
                body = []
                return
            }
            if !isTooLarge { body.append(contentsOf: part.readableBytesView) }
        case .end:
            guard let head else { return }
            self.head = nil
            answer(head, context)
        }
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        keepsAlive = head.isKeepAlive
        guard let method = HTTPRequest.Method(rawValue: head.method.rawValue) else {
            return send(SandboxResponse(status: 405, contentType: "text/plain"), head, context)
        }
        guard !isTooLarge else {
            keepsAlive = false
            let text = "Request entity is too large: limit is \(Self.bodyLimit)\n"
            return send(
                SandboxResponse(status: 413, contentType: "text/plain", body: Array(text.utf8)),
                head, context)
        }
        var fields = HTTPFields()
        for (name, value) in head.headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        let request = SandboxRequest(method, head.uri, fields: fields, body: body)
        body = []
        let loop = context.eventLoop
        let connection = NIOLoopBound((self, context), eventLoop: loop)
        let answer = served.handle(request, target: head.uri) { event in
            loop.execute {
                let (handler, context) = connection.value
                handler.tell(event, context)
            }
        }
        switch answer {
        case .response(let response): send(response, head, context)
        case .slow(let response, let delay):
            loop.scheduleTask(in: .milliseconds(delay.wholeMilliseconds)) {
                let (handler, context) = connection.value
                guard context.channel.isActive else { return }
                handler.send(response, head, context)
            }
        case .lost: reset(context)
        case .watch(let id, let initial):
            watch = id
            let fields = HTTPHeaders([("Content-Type", "application/json")])
            let start = HTTPResponseHead(version: .http1_1, status: .ok, headers: fields)
            context.write(wrapOutboundOut(.head(start)), promise: nil)
            write(initial, context)
            context.flush()
        }
    }

    /// Closes the connection as a peer that has died does: with RST, not FIN.
    private func reset(_ context: ChannelHandlerContext) {
        let channel = context.channel
        guard let socket = channel as? any SocketOptionProvider else {
            return channel.close(promise: nil)
        }
        socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    private func send(
        _ response: SandboxResponse, _ head: HTTPRequestHead, _ context: ChannelHandlerContext
    ) {
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: response.contentType)
        headers.add(name: "Content-Length", value: String(response.body.count))
        if let seconds = response.retryAfter {
            headers.add(name: "Retry-After", value: String(seconds))
        }
        for warning in response.warnings {
            headers.add(name: "Warning", value: "299 - \(Self.quoted(warning))")
        }
        if !keepsAlive { headers.add(name: "Connection", value: "close") }
        let start = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status),
            headers: headers)
        context.write(wrapOutboundOut(.head(start)), promise: nil)
        if head.method != .HEAD { write(response.body, context) }
        finish(context)
    }

    /// A header value must stay on one line, whatever a client put into a field's name.
    private static func quoted(_ text: String) -> String {
        let inside = text.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: "?"
            default: String(scalar)
            }
        }
        return "\"" + inside.joined() + "\""
    }

    private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        guard !bytes.isEmpty else { return }
        let buffer = context.channel.allocator.buffer(bytes: bytes)
        context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    }

    private func finish(_ context: ChannelHandlerContext) {
        let ended = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if !keepsAlive {
            let channel = context.channel
            ended.whenComplete { _ in channel.close(promise: nil) }
        }
    }

    private func tell(_ event: ServedCluster.WatchEvent, _ context: ChannelHandlerContext) {
        guard watch != nil, context.channel.isActive else { return }
        switch event {
        case .data(let bytes):
            // A client that does not read its watch is dropped before it fills the memory.
            guard context.channel.isWritable else { return context.close(promise: nil) }
            write(bytes, context)
            context.flush()
        case .end:
            watch = nil
            finish(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let watch { served.removeWatcher(watch) }
        watch = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
