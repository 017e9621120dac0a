import HTTPTypes
import JSON
import KubernetesClient
import MeshResources
import YAML

extension FuzzReader {
    static let kubeconfig = FuzzReader("kubeconfig", .yaml) { bytes in
        try outcome {
            let config = try KubeconfigLoader.parse(bytes, file: "config")
            var text = "\(config.contextNames)"
            // Settings read files and run plugins, and those that an input names are none of ours.
            guard !namesOthers(bytes) else { return text }
            for name in config.contextNames {
                text += try outcome {
                    let settings = try config.settings(context: name)
                    return "\(settings.server) \(settings.namespace) \(settings.compresses)"
                }
            }
            return text
        }
    }

    /// Whether the users or clusters name a file or a command.
    private static func namesOthers(_ bytes: [UInt8]) -> Bool {
        let others: Set = [
            "exec", "tokenFile", "client-certificate", "client-key", "certificate-authority",
        ]
        let documents = (try? YAMLReader.documents(in: bytes, name: "config")) ?? []
        return documents.contains { document in
            let root = document.json()
            let entries = (root["users"]?.array ?? []) + (root["clusters"]?.array ?? [])
            return entries.contains { entry in
                let members =
                    Array((entry["user"]?.object ?? [:]).keys)
                    + (entry["cluster"]?.object ?? [:]).keys
                return members.contains(where: others.contains)
            }
        }
    }

    static let execCredential = FuzzReader("exec-credential", .json, seconds: 3) { bytes in
        try outcome {
            let credential = try PluginCredential(
                answer: bytes, apiVersion: "client.authentication.k8s.io/v1")
            return "\(credential)"
        }
    }

    /// A page of a list, as every resource that is listed.
    static let list = FuzzReader("list", .json, seconds: 8) { bytes in
        func page<Item>(_ type: Item.Type) throws -> String where Item: Decodable & Sendable {
            try outcome {
                let page = try ListDecoder<Item>.json().decode(bytes, "application/json")
                return "\(page.items.count) \(page.continueToken ?? "-") \(page.resourceVersion)"
            }
        }
        let pages = [
            try page(JSONValue.self), try page(PodResource.self), try page(WorkloadResource.self),
            try page(NamespaceResource.self), try page(ServiceResource.self),
            try page(PeerAuthenticationResource.self), try page(NodeResource.self),
            try page(MutatingWebhookResource.self), try page(EndpointSliceResource.self),
            try page(NetworkPolicyResource.self), try page(AuthorizationPolicyResource.self),
            try page(ControlPlaneResource.self), try page(InjectorSettingsResource.self),
            try page(DestinationRuleResource.self), try page(ServiceEntryResource.self),
        ]
        return pages.joined(separator: "\n")
    }

    private static let call = APICall(.list, server: "https://fuzz", path: "/api/v1/pods")

    static let status = FuzzReader("status", .json, seconds: 8) { bytes in
        [200, 409, 429, 500].map { code in
            let status = APIStatus(code: code, body: bytes, retryAfter: "9", call: call)
            return "\(status) \(status.isTransient) \(status.isConflict) \(status.isMissingObject)"
        }.joined(separator: "\n")
    }

    /// However the stream is cut into pieces, it has the same events and the same end.
    static let watch = FuzzReader("watch", .jsonLines, seconds: 8) { bytes in
        func events(piece: Int, code: Int) -> String {
            var reader = WatchReader(call)
            reader.receive(HTTPResponse(status: .init(code: code)))
            var text = ""
            var rest = bytes[...]
            while !rest.isEmpty {
                let chunk = Array(rest.prefix(piece))
                rest = rest.dropFirst(piece)
                let goesOn = reader.receive(chunk) { event in
                    text += "\(event.kind) \(event.object.canonicalText)\n"
                    return true
                }
                if !goesOn { break }
            }
            if let error = reader.finish() { text += "\(error)" }
            return text
        }
        let whole = events(piece: bytes.count, code: 200)
        for piece in [bytes.count / 7 + 1, bytes.count < 4096 ? 1 : 511] {
            try Promises.expect(
                events(piece: piece, code: 200) == whole,
                "pieces of \(piece) bytes give another result")
        }
        return whole + events(piece: 1024, code: 403)
    }
}
