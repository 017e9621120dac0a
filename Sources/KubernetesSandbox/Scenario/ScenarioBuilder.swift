import HTTPTypes
import JSON
import Timing

extension SandboxCluster {
    /// The cluster that a scenario describes, at its start time.
    ///
    /// It is not written down object by object but lived through: its objects are created three days
    /// before, istiod first, so that injection, capture and rollouts have made the rest.
    package init(_ scenario: Scenario, seed: UInt64) throws(ScenarioError) {
        self.init(seed: seed, now: scenario.start + .seconds(-3 * 86_400))
        var builder = ScenarioBuilder(scenario)
        try builder.createFoundation(in: &self)
        advance(to: now + .seconds(60))
        try builder.createMesh(in: &self)
        advance(to: now + .seconds(60))
        try builder.createWorkloads(in: &self)
        advance(to: now + .seconds(120))
        advance(to: scenario.start)
        // Nobody watched the making of it.
        history = []
        historyStart = resourceVersion
        _ = takeChanges()
        try builder.startTraffic(in: &self)
        for fault in try builder.faults() {
            do throws(FaultError) {
                try switchOn(fault)
            } catch {
                throw ScenarioError(scenario: scenario.name, why: "\(fault.text): \(error.why)")
            }
        }
        _ = takeChanges()
        storedFaults = faults
    }
}

/// Creates a scenario's objects through the sandbox's own API, so that they are what a user's would be.
struct ScenarioBuilder {
    private let scenario: Scenario
    private let document: JSONValue

    init(_ scenario: Scenario) {
        self.scenario = scenario
        document = scenario.document
    }

    /// Nodes and namespaces; the labels of namespaces too, so that they hold for every pod.
    mutating func createFoundation(in cluster: inout SandboxCluster) throws(ScenarioError) {
        for (index, node) in (document["nodes"]?.array ?? []).enumerated() {
            try create(ScenarioObjects.node(node.string ?? "", index), in: &cluster)
        }
        for name in ["kube-system", "kube-public", "kube-node-lease"] {
            try create(ScenarioObjects.namespace(name, [:]), in: &cluster)
        }
        let namespaces = document["namespaces"]?.object ?? [:]
        for (name, entry) in namespaces.sorted(by: { $0.key < $1.key }) where name != "kube-system"
        {
            try create(
                ScenarioObjects.namespace(name, entry["labels"]?.stringMap ?? [:]), in: &cluster)
        }
    }

    mutating func createMesh(in cluster: inout SandboxCluster) throws(ScenarioError) {
        guard let istio = document["istio"] else { return }
        let objects = IstioObjects(
            version: istio["version"]?.string ?? "1.24.0", isAmbient: istio["ambient"] == true)
        for object in objects.controlPlane { try create(object, in: &cluster, manager: "helm") }
        cluster.advance(to: cluster.now + .seconds(30))
        for object in objects.dataPlane { try create(object, in: &cluster, manager: "helm") }
    }

    mutating func createWorkloads(in cluster: inout SandboxCluster) throws(ScenarioError) {
        let namespaces = document["namespaces"]?.object ?? [:]
        for (namespace, entry) in namespaces.sorted(by: { $0.key < $1.key }) {
            let workloads = entry["workloads"]?.object ?? [:]
            for (name, workload) in workloads.sorted(by: { $0.key < $1.key }) {
                for object in ScenarioObjects.workload(name, workload, in: namespace) {
                    try create(object, in: &cluster)
                }
            }
        }
        for object in document["objects"]?.array ?? [] { try create(object, in: &cluster) }
    }

    /// `trafficBefore: 60`, in minutes: how long it has been going on when the scenario starts.
    func startTraffic(in cluster: inout SandboxCluster) throws(ScenarioError) {
        var flows: [TrafficFlow] = []
        for entry in document["traffic"]?.array ?? [] {
            do throws(TrafficFlow.Unreadable) {
                flows.append(try TrafficFlow(entry))
            } catch {
                throw ScenarioError(
                    scenario: scenario.name, why: "traffic \(entry.canonicalText): \(error.why)")
            }
        }
        guard !flows.isEmpty else { return }
        let before = document["trafficBefore"]?.integer ?? 0
        guard (0...Self.longestTraffic).contains(before) else {
            throw ScenarioError(
                scenario: scenario.name,
                why: "trafficBefore takes minutes, from 0 to \(Self.longestTraffic)")
        }
        cluster.traffic = Traffic(
            TrafficLedger(
                flows: flows, since: (cluster.now + .seconds(-60 * before)).milliseconds))
    }

    /// A week, in minutes.
    private static let longestTraffic: Int64 = 7 * 24 * 60

    /// `faults: [dns-down, ztunnel-not-ready kube-1]`
    func faults() throws(ScenarioError) -> [Fault] {
        var faults: [Fault] = []
        for entry in document["faults"]?.array ?? [] {
            do throws(FaultError) {
                faults.append(
                    try Fault((entry.string ?? "").split(separator: " ").map(String.init)))
            } catch {
                throw ScenarioError(scenario: scenario.name, why: error.why)
            }
        }
        return faults
    }

    private func create(
        _ object: JSONValue, in cluster: inout SandboxCluster,
        manager: String = "kubectl-client-side-apply"
    ) throws(ScenarioError) {
        let apiVersion = object["apiVersion"]?.string ?? ""
        let kind = object["kind"]?.string ?? ""
        guard let resource = SandboxResource.find(kind: kind, apiVersion: apiVersion) else {
            throw ScenarioError(
                scenario: scenario.name, why: "no resource serves \(kind) of \(apiVersion)")
        }
        let prefix = resource.group.isEmpty ? "/api" : "/apis"
        let space = resource.isNamespaced ? "/namespaces/\(object.namespaceName)" : ""
        let request = SandboxRequest(
            .post, "\(prefix)/\(apiVersion)\(space)/\(resource.plural)?fieldManager=\(manager)",
            body: object.canonicalBytes)
        guard case .response(let response) = cluster.handle(request), response.status == 201 else {
            throw ScenarioError(
                scenario: scenario.name, why: "\(kind) \(object.name) is refused by the sandbox")
        }
        // Creation leaves status to controllers; a node has none here.
        if let status = object["status"] {
            cluster.modify(resource, object.namespaceName, object.name, by: "kubelet") {
                $0["status"] = status
            }
        }
    }
}
