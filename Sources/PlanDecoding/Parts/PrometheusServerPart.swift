import Diagnostics
import MeshModel

/// `spec.gates.prometheusServer`
enum PrometheusServerPart {
    static let object = PlanObject(
        "Prometheus, as the API server reaches it.",
        [
            PlanKey("namespace", .name(.label), "The namespace of its Service.", required: true),
            PlanKey("service", .name(.label), "The name of its Service.", required: true),
            PlanKey(
                "port", .integer(PlanCursor.ports), "The Service's port.", default: "9090"),
            PlanKey(
                "path", .pattern("^/[A-Za-z0-9._~/-]*$"), "What stands before `/api/v1`.",
                default: "/"),
        ])

    static func server(_ cursor: PlanCursor) -> PrometheusServer? {
        guard let fields = cursor.fields(object) else { return nil }
        let namespace = fields["namespace"]?.name(.label)
        let service = fields["service"]?.name(.label)
        let port = fields["port"]?.port()
        let path = fields["path"].flatMap(path)
        guard let namespace, let service else { return nil }
        var server = PrometheusServer(namespace: namespace, service: service)
        if let port { server.port = port }
        if let path { server.path = path }
        return server
    }

    /// Without the slash at its end. It becomes part of a URL on the API server, and must not lead elsewhere.
    private static func path(_ cursor: PlanCursor) -> String? {
        guard let text = cursor.string() else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        let isPath =
            text.hasPrefix("/") && text.utf8.allSatisfy(isUsable)
            && !parts.contains { $0 == "." || $0 == ".." } && !parts.dropLast().contains("")
        guard isPath else {
            cursor.report(
                .invalidValue, "\(quote(text)) is not a path of a server",
                detail: "Write it as /prometheus.")
            return nil
        }
        return String(text.hasSuffix("/") ? text.dropLast() : text[...])
    }

    private static func isUsable(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~/".utf8.contains(byte)
        }
    }
}
