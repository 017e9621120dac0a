import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport

/// What a hazard says of a plan, with the rollout that the planner makes of it.
func told(
    by hazard: any Hazard.Type, _ plan: MeshPlan, on state: MeshState, _ flows: [Flow] = []
) -> [Diagnostic] {
    let state = state.sorted
    return hazard.diagnostics(
        in: HazardContext(
            plan: plan, namespaces: NamespaceResolution(plan, in: state).namespaces,
            observed: state, rollout: RolloutPlanner.plan(plan, on: state).rollout, flows: flows))
}

extension MeshState {
    /// The same cluster with these facts around it.
    func with(
        _ services: [Service] = [], rules: [DestinationRule] = [],
        around surroundings: Surroundings = Surroundings()
    ) -> MeshState {
        var state = self
        state.flows.services += services
        state.flows.destinationRules += rules
        state.surroundings = surroundings
        return state
    }

    /// The same cluster, its pods changed.
    func editingPods(_ edit: (inout Pod) -> Void) -> MeshState {
        var state = self
        for index in state.pods.indices { edit(&state.pods[index]) }
        return state
    }
}

/// `service("shop/cart", 80, to: 8080)` selects `app: cart`.
func service(
    _ path: String, _ port: Int = 80, to target: Int = 8080, type: String = "ClusterIP",
    isHeadless: Bool = false, labels: [String: String] = [:]
) -> Service {
    let parts = path.split(separator: "/").map(String.init)
    return Service(
        meta: ObjectMeta(name: parts[1], namespace: parts[0], labels: labels), type: type,
        clusterIP: isHeadless ? "None" : "10.96.0.1", selector: ["app": parts[1]],
        ports: [ServicePort(name: "tcp", number: port, target: .number(target))])
}

/// Labels of a pod that was injected: `injected("cart")` has `app: cart`, too.
func injected(_ app: String, tunnel: Bool = false) -> [String: String] {
    var labels = ["app": app, "security.istio.io/tlsMode": "istio"]
    if tunnel { labels["networking.istio.io/tunnel"] = "http" }
    return labels
}

/// From a Deployment to a Service, both `namespace/name`.
func flow(
    _ client: String, _ server: String, _ port: Int = 80, _ certainty: Flow.Certainty = .doubtful,
    origin: Flow.Origin = .inferred(.reference)
) -> Flow {
    flow(
        from: .workload(id(client)), to: serviceServer(server, port), certainty, origin: origin)
}

func flow(
    from client: Flow.Client, to server: Flow.Server, _ certainty: Flow.Certainty = .doubtful,
    origin: Flow.Origin = .inferred(.reference)
) -> Flow {
    Flow(from: client, to: server, origin: origin, certainty: certainty, because: "a test says so")
}

func serviceServer(_ path: String, _ port: Int = 80) -> Flow.Server {
    let parts = path.split(separator: "/").map(String.init)
    return .service(namespace: parts[0], name: parts[1], port: port)
}

func id(_ path: String, _ kind: WorkloadKind = .deployment) -> WorkloadID {
    let parts = path.split(separator: "/").map(String.init)
    return WorkloadID(namespace: parts[0], kind: kind, name: parts[1])
}

let sidecarLabels = ["istio-injection": "enabled"]
let ambientLabels = ["istio.io/dataplane-mode": "ambient"]
