import MeshModel

/// Where pods of some namespaces run and may run, and which pod of a DaemonSet serves each of these nodes.
struct NodeCoverage {
    /// One node as the gate sees it.
    enum Standing: Equatable {
        /// By the pod that serves it.
        case served(Pod)
        case failing(why: String)
        case unanswered(why: String)
        /// Nothing serves it, and no pod concerned runs there yet.
        case unserved
    }

    /// The nodes where pods concerned run, and all that could be listed.
    let nodes: [String]
    /// Whether Nodes could be listed: pods may come up on any of them.
    let isComplete: Bool
    private let running: [String: Int]
    private let agents: [String: [Pod]]
    private let name: String

    /// - Parameters:
    ///   - label: the label of the DaemonSet's pods.
    ///   - name: what they are called.
    init(
        of namespaces: [String], in state: MeshState, label: (key: String, value: String),
        called name: String
    ) {
        let concerned = Set(namespaces)
        var running: [String: Int] = [:]
        for pod in state.pods
        where concerned.contains(pod.meta.namespace) && pod.isLive && !pod.hostNetwork
            && !pod.nodeName.isEmpty
        {
            running[pod.nodeName, default: 0] += 1
        }
        let agents = Dictionary(
            grouping: state.pods.filter {
                $0.meta.labels[label.key] == label.value && $0.isLive && !$0.nodeName.isEmpty
            }, by: \.nodeName)
        let known = state.surroundings.nodes?.map(\.name)
        nodes = Set(running.keys).union(agents.keys).union(known ?? []).sorted()
        // A cluster without nodes has no pods that could be judged.
        isComplete = known?.isEmpty == false
        self.running = running
        self.agents = agents
        self.name = name
    }

    /// The pods that serve a node, by node and name.
    var pods: [Pod] { nodes.flatMap { agents[$0] ?? [] } }

    /// - Parameter answer: what a ready pod says itself; nil where its condition `Ready` is enough.
    func standing(
        on node: String, answer: ((Pod) -> Reading<Readiness>)? = nil
    ) -> Standing {
        let there = agents[node] ?? []
        guard let first = there.first else {
            let count = running[node] ?? 0
            return count == 0
                ? .unserved
                : .failing(
                    why:
                        "no \(name) pod is there, and \(HazardWords.count(count, "pod")) concerned "
                        + (count == 1 ? "is" : "are"))
        }
        if there.contains(where: \.isAssumedReady) {
            return .unanswered(why: "pod \(first.text) has no status")
        }
        let ready = there.filter(\.isReady)
        guard !ready.isEmpty else { return .failing(why: "pod \(first.text) is not ready") }
        guard let answer else { return .served(ready[0]) }
        var last = Standing.unserved
        for pod in ready {
            switch answer(pod) {
            case .seen(.ready): return .served(pod)
            case .seen(.notReady(let text)): last = .failing(why: "pod \(pod.text) says \(text)")
            case .unseen(let why): last = .unanswered(why: why)
            }
        }
        return last
    }
}

extension GateRule {
    /// What the nodes say: a failure for each node that is not served, and a doubt for each namespace whose pods
    /// may run where nothing was seen.
    ///
    /// - Returns: with the pods that serve the other nodes.
    func findings(
        on coverage: NodeCoverage, of namespaces: [String], called name: String, hint: String,
        answer: ((Pod) -> Reading<Readiness>)? = nil
    ) -> (found: [GateFinding], serving: [Pod]) {
        var found: [GateFinding] = []
        var serving: [Pod] = []
        var unanswered: [String] = []
        var unserved: [String] = []
        for node in coverage.nodes {
            switch coverage.standing(on: node, answer: answer) {
            case .served(let pod): serving.append(pod)
            case .failing(let why):
                found.append(
                    finding(
                        .fail, about: "node \(node)", why, hint: hint,
                        command: "kubectl get pods --all-namespaces -o wide "
                            + "--field-selector spec.nodeName=\(node)"))
            case .unanswered(let why): unanswered.append("node \(node): \(why)")
            case .unserved: unserved.append(node)
            }
        }
        if !unanswered.isEmpty { found += doubts(in: namespaces, because: unanswered) }
        if !unserved.isEmpty {
            found += doubts(
                in: namespaces,
                because:
                    "there is no \(name) pod on \(unserved.shortList), and whether pods may run "
                    + "there is not known (taints and affinities are not read)",
                hint: "If pods of the namespace never run there, accept it in the plan file.",
                command: "kubectl get nodes -o wide")
        }
        if !coverage.isComplete {
            found += doubts(
                in: namespaces,
                because: "Nodes may not be listed, so pods may come up on nodes that were not seen",
                command: "kubectl auth can-i list nodes")
        }
        return (found, serving)
    }
}
