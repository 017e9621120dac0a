import MeshModel
import MeshPlanning

/// A mesh of any size whose parts do not grow with it: each namespace has a few workloads, each workload a
/// few pods and a Service, and each is called by its neighbours, by the namespaces next to it, and one in
/// ten from outside.
struct SyntheticMesh {
    static let workloadsPerNamespace = 5
    static let podsPerWorkload = 3
    static let clientsPerWorkload = 6

    let state: MeshState
    let plan: MeshPlan
    let flows: [Flow]

    init(namespaces count: Int) {
        var state = MeshState(clusterUID: "bench")
        // Else ambient clients could not reach the sidecars under STRICT.
        state.flows.settings.injectsHBONE = true
        var plan = MeshPlan(name: "bench")
        plan.rollout.limits.namespacesAtOnce = 50
        for number in 0..<count {
            let name = Self.namespace(number)
            let labels = ["istio.io/dataplane-mode": "ambient"]
            state.namespaces.append(
                Namespace(meta: ObjectMeta(name: name, uid: "uid-\(name)", labels: labels)))
            for workload in 0..<Self.workloadsPerNamespace {
                Self.add(workload, in: name, to: &state)
            }
            var entry = NamespaceEntry(.name(name))
            entry.dataplane = number.isMultiple(of: 4) ? .sidecar : .ambient
            entry.mtls = .strict
            entry.exceptions = [
                ExceptionEntry(
                    name: "w0", selector: LabelSelector(["app": "w0"]), ports: [8080: .permissive],
                    reason: "called from outside")
            ]
            plan.namespaces.append(entry)
        }
        self.state = state.sorted
        self.plan = plan
        flows = Self.flows(namespaces: count)
    }

    private static func namespace(_ number: Int) -> String { "ns-\(number)" }

    private static func add(_ number: Int, in namespace: String, to state: inout MeshState) {
        let name = "w\(number)"
        let labels = ["app": name]
        state.workloads.append(
            Workload(
                kind: .deployment,
                meta: ObjectMeta(name: name, namespace: namespace, uid: "\(namespace)-\(name)"),
                template: PodTemplate(labels: labels), updateStrategy: "RollingUpdate",
                replicas: podsPerWorkload))
        for pod in 0..<podsPerWorkload {
            state.pods.append(
                Pod(
                    meta: ObjectMeta(
                        name: "\(name)-\(pod)", namespace: namespace,
                        labels: labels, annotations: [LabelKeys.ambientRedirection: "enabled"]),
                    owner: OwnerReference(kind: "Deployment", name: name),
                    nodeName: "node-\(pod)", containers: [Container(name: "app")]))
        }
        state.flows.services.append(
            Service(
                meta: ObjectMeta(name: name, namespace: namespace), clusterIP: "10.0.0.1",
                selector: labels,
                ports: [ServicePort(name: "http", number: 80, target: .number(8080))]))
    }

    private static func flows(namespaces count: Int) -> [Flow] {
        (0..<count).flatMap { number in
            (0..<workloadsPerNamespace).flatMap { workload in
                clients(of: workload, in: number, of: count).map { client in
                    Flow(
                        from: client,
                        to: .service(
                            namespace: namespace(number), name: "w\(workload)", port: 80),
                        origin: .observed, because: "the benchmark")
                }
            }
        }
    }

    private static func clients(of workload: Int, in number: Int, of count: Int) -> [Flow.Client] {
        let callers = (1...clientsPerWorkload).map { step in
            Flow.Client.workload(
                WorkloadID(
                    namespace: namespace((number + step / 3) % count), kind: .deployment,
                    name: "w\((workload + step) % workloadsPerNamespace)"))
        }
        return workload == 0 && number.isMultiple(of: 2) ? callers + [.external] : callers
    }
}
