import Diagnostics
import MeshModel
import YAML

/// One item of `spec.flows`
enum FlowPart {
    static let object = PlanObject(
        "Traffic that must be carried, or must be refused.",
        [
            PlanKey(
                "from",
                .either(
                    [.oneOf(["external", "apiserver"])] + clients.map { PlanType.object($0) }),
                "Who calls.", required: true),
            PlanKey("to", .either(servers.map { .object($0) }), "Who is called.", required: true),
            PlanKey(
                "expect", .oneOf(FlowEntry.Expectation.allCases.map(\.rawValue)),
                "`refused` is judged once the target is STRICT.", default: "carried"),
        ])

    static let clients = [workload, node, cidr, cluster]
    static let servers = [service, pod, host]

    private static let namespace = PlanKey(
        "namespace", .name(.label), "The namespace.", required: true)
    private static let port = PlanKey(
        "port", .integer(PlanCursor.ports), "The port that is called.", required: true)

    private static let workload = PlanObject(
        "A workload in the cluster.",
        [
            namespace,
            PlanKey(
                "workload", .pattern(WorkloadName.pattern), "A name, or `kind/name`.",
                required: true),
        ])
    private static let node = PlanObject(
        "A process on a node's own network.",
        [PlanKey("node", .name(.subdomain), "The node's name.", required: true)])
    private static let cidr = PlanObject(
        "Addresses outside the cluster.",
        [PlanKey("cidr", .pattern("^[0-9a-fA-F.:]+/[0-9]{1,3}$"), "The network.", required: true)])
    private static let cluster = PlanObject(
        "Workloads of another cluster.",
        [PlanKey("cluster", .name(.subdomain), "The cluster's name.", required: true)])
    private static let service = PlanObject(
        "A Service, by its own port.",
        [namespace, PlanKey("service", .name(.label), "The Service.", required: true), port])
    private static let pod = PlanObject(
        "A pod, called by its address.",
        [namespace, PlanKey("pod", .name(.subdomain), "The pod.", required: true), port])
    private static let host = PlanObject(
        "A host outside the cluster.",
        [PlanKey("host", .name(.subdomain), "The host's DNS name.", required: true), port])

    static func entry(_ cursor: PlanCursor) -> FlowEntry? {
        guard let fields = cursor.fields(object) else { return nil }
        let from = fields["from"].flatMap(client)
        let to = fields["to"].flatMap(server)
        let expect = fields["expect"]?.choice(FlowEntry.Expectation.allCases)
        guard let from, let to else { return nil }
        var entry = FlowEntry(from: from, to: to)
        entry.expect = expect ?? .carried
        entry.range = cursor.place
        return entry
    }

    private static func client(_ cursor: PlanCursor) -> FlowEntry.Client? {
        if case .scalar = cursor.node {
            let word = cursor.choice([Word("external"), Word("apiserver")])
            return word.map { $0.rawValue == "external" ? .external : .apiserver }
        }
        guard let fields = cursor.fields(oneOf: clients) else { return nil }
        if let node = fields["node"] { return node.name(.subdomain).map { .node($0) } }
        if let cluster = fields["cluster"] {
            return cluster.name(.subdomain).map { .cluster($0) }
        }
        if let cidr = fields["cidr"] { return network(cidr).map { .cidr($0) } }
        let namespace = fields["namespace"]?.name(.label)
        let workload = fields["workload"].flatMap(WorkloadName.text)
        guard let namespace, let workload else { return nil }
        return .workload(namespace: namespace, workload: workload)
    }

    private static func server(_ cursor: PlanCursor) -> FlowEntry.Server? {
        guard let fields = cursor.fields(oneOf: servers) else { return nil }
        let port = fields["port"]?.port()
        let namespace = fields["namespace"]?.name(.label)
        let service = fields["service"]?.name(.label)
        let pod = fields["pod"]?.name(.subdomain)
        let host = fields["host"]?.name(.subdomain)
        guard let port else { return nil }
        if let host { return .host(host, port: port) }
        guard let namespace else { return nil }
        if let service { return .service(namespace: namespace, name: service, port: port) }
        return pod.map { .pod(namespace: namespace, name: $0, port: port) }
    }

    private static func network(_ cursor: PlanCursor) -> String? {
        guard let text = cursor.string() else { return nil }
        guard NetworkText.isNetwork(text) else {
            cursor.report(
                .invalidValue, "\(quote(text)) is not a network",
                detail: "Write an address and a prefix length, such as 10.0.0.0/8.")
            return nil
        }
        return text
    }
}

/// A workload by name, or by kind and name.
enum WorkloadName {
    static let kinds = [
        "deployment", "statefulset", "daemonset", "replicaset", "job", "cronjob", "pod",
    ]
    static let pattern =
        "^((\(kinds.joined(separator: "|")))/)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"

    static func text(_ cursor: PlanCursor) -> String? {
        guard let text = cursor.string() else { return nil }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, !kinds.contains(String(parts[0])) {
            cursor.report(
                .invalidValue, "\(quote(String(parts[0]))) is not a kind of workload",
                detail: allowance(of: kinds, for: String(parts[0])))
            return nil
        }
        guard let name = parts.last, KubernetesName.Form.subdomain.accepts(String(name)) else {
            cursor.report(
                .invalidValue, "\(quote(text)) is not a workload",
                detail: "Write its name, or `kind/name`, such as `deployment/web`.")
            return nil
        }
        return text
    }
}
