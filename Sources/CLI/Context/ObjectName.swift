import Diagnostics
import MeshModel

/// An object as the command line names it: `NAMESPACE/KIND/NAME`, with `:PORT` where a port is meant.
struct ObjectName: Equatable {
    enum Kind: Equatable {
        case pod, service
        case workload(WorkloadKind)
    }

    var namespace: String
    var kind: Kind
    var name: String
    var port: Int?

    /// nil where the text has another shape; words of a sentence and lines of a log do.
    ///
    /// - Throws: `KindMistake` where the shape is right and the kind is none.
    init?(_ text: String) throws(KindMistake) {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let parts = halves[0].split(separator: "/", omittingEmptySubsequences: false)
            .map(String.init)
        guard halves.count <= 2, parts.count == 3, !parts.contains(""),
            !text.contains(where: \.isWhitespace)
        else { return nil }
        if halves.count == 2 {
            guard let port = Int(halves[1]), (1...65535).contains(port) else { return nil }
            self.port = port
        }
        guard let kind = Self.kinds[parts[1].lowercased()] else {
            throw KindMistake(kind: parts[1])
        }
        (namespace, self.kind, name) = (parts[0], kind, parts[2])
    }

    init(_ service: Service) {
        (namespace, kind, name) = (service.meta.namespace, .service, service.meta.name)
    }

    init(_ pod: Pod) { (namespace, kind, name) = (pod.meta.namespace, .pod, pod.meta.name) }

    struct KindMistake: Error {
        var kind: String

        /// `; did you mean deployment?`, or nothing.
        var hint: String {
            Suggestion.nearest(to: kind, among: ObjectName.kinds.keys.sorted())
                .map { "; did you mean \($0)?" } ?? ""
        }
    }

    var workload: WorkloadID? {
        guard case .workload(let kind) = kind else { return nil }
        return WorkloadID(namespace: namespace, kind: kind, name: name)
    }

    /// As kubectl takes them.
    private static let kinds: [String: Kind] = [
        "pod": .pod, "pods": .pod, "po": .pod, "service": .service, "services": .service,
        "svc": .service, "deployment": .workload(.deployment),
        "deployments": .workload(.deployment), "deploy": .workload(.deployment),
        "statefulset": .workload(.statefulSet), "statefulsets": .workload(.statefulSet),
        "sts": .workload(.statefulSet), "daemonset": .workload(.daemonSet),
        "daemonsets": .workload(.daemonSet), "ds": .workload(.daemonSet),
        "replicaset": .workload(.replicaSet), "replicasets": .workload(.replicaSet),
        "rs": .workload(.replicaSet), "job": .workload(.job), "jobs": .workload(.job),
        "cronjob": .workload(.cronJob), "cronjobs": .workload(.cronJob), "cj": .workload(.cronJob),
    ]
}
