import Diagnostics
import MeshModel

/// What nobody will miss: flows dismissed on the command line, and by `ignoreFlows` of the plan file.
struct FlowDismissals {
    private let texts: Set<String>
    private let entries: [Entry]
    private let facts: InferenceFacts

    /// - Parameter texts: flows as their whole text, or as their server's.
    init(_ ignored: [IgnoredFlow], texts: [String], in facts: InferenceFacts) {
        self.texts = Set(texts)
        self.facts = facts
        entries = ignored.map { Entry($0, in: facts) }
    }

    /// Why the flow is dismissed; nil for one that stays. What the plan file declares is dismissed by name
    /// only: `ignoreFlows` may be broad, and the same file says that the flow counts.
    func reason(for flow: Flow, text: String) -> String? {
        if texts.contains(text) || texts.contains(flow.server.text) { return "--ignore-flow" }
        guard flow.origin != .declared else { return nil }
        return entries.first { $0.matches(flow) }?.reason
    }

    /// What dismisses nothing, because no flow is so: most likely a slip, or long gone.
    func unmatched(among flows: [Flow]) -> [Diagnostic] {
        UnmatchedFlows.diagnostics(
            texts.sorted(), of: "--ignore-flow", among: flows, orServers: true)
            + entries.compactMap { entry in
                let matching = flows.lazy.filter(entry.matches)
                guard !matching.contains(where: { $0.origin != .declared }) else { return nil }
                return UnmatchedFlows.diagnostic(
                    of: entry.ignored, declaring: matching.first, in: facts)
            }
    }
}

extension FlowDismissals {
    /// One item of `ignoreFlows`, with what it names looked up once.
    private struct Entry {
        let ignored: IgnoredFlow
        private let from: Side?
        private let to: Side?

        var reason: String { ignored.reason }

        init(_ ignored: IgnoredFlow, in facts: InferenceFacts) {
            self.ignored = ignored
            from = ignored.from.map { Side($0, in: facts) }
            to = ignored.to.map { Side($0, in: facts) }
        }

        func matches(_ flow: Flow) -> Bool {
            (from?.matches(flow.client) ?? true) && (to?.matches(flow.server) ?? true)
        }
    }

    /// One end. A Service is also its workloads, and a workload the Services before it.
    private struct Side {
        private let wanted: IgnoredFlow.Endpoint
        private let workload: WorkloadPattern?
        /// `namespace/name` of Services that lead to the wanted workload; they matter only where one is named.
        private var servicesOfWorkload: Set<String> = []
        private var workloadsOfService: Set<WorkloadID> = []

        init(_ wanted: IgnoredFlow.Endpoint, in facts: InferenceFacts) {
            self.wanted = wanted
            workload = wanted.workload.map { WorkloadPattern($0) }
            guard workload != nil || wanted.service != nil else { return }
            for service in facts.state.flows.services
            where wanted.namespace.map({ $0 == service.meta.namespace }) ?? true {
                let isNamed = wanted.service == service.meta.name
                guard workload != nil || isNamed else { continue }
                let behind = facts.workloads(behind: service)
                if isNamed { workloadsOfService.formUnion(behind.map(\.id)) }
                if let workload, behind.contains(where: { workload.matches($0.id) }) {
                    servicesOfWorkload.insert(service.meta.text)
                }
            }
        }

        func matches(_ client: Flow.Client) -> Bool {
            // A client has no port of its own.
            guard wanted.port == nil else { return false }
            switch client {
            case .workload(let id): return matches(id)
            case .pod(let namespace, let name): return matches(pod: name, in: namespace)
            case .external, .apiServer, .node, .cidr, .cluster: return false
            }
        }

        func matches(_ server: Flow.Server) -> Bool {
            switch server {
            case .service(let namespace, let name, let port):
                return agrees(namespace: namespace, port: port)
                    && (wanted.service.map { $0 == name } ?? true)
                    && (workload == nil || servicesOfWorkload.contains("\(namespace)/\(name)"))
            case .workload(let id, let port):
                return agrees(namespace: id.namespace, port: port) && matches(id)
            case .pod(let namespace, let name, let port):
                return agrees(namespace: namespace, port: port)
                    && matches(pod: name, in: namespace)
            case .host(_, let port):
                return wanted.namespace == nil && wanted.service == nil && workload == nil
                    && agrees(namespace: nil, port: port)
            }
        }

        private func matches(_ id: WorkloadID) -> Bool {
            agrees(namespace: id.namespace, port: wanted.port)
                && (workload?.matches(id) ?? true)
                && (wanted.service == nil || workloadsOfService.contains(id))
        }

        private func matches(pod name: String, in namespace: String) -> Bool {
            agrees(namespace: namespace, port: wanted.port)
                && (workload?.matches(pod: name) ?? true) && wanted.service == nil
        }

        private func agrees(namespace: String?, port: Int?) -> Bool {
            (wanted.namespace == nil || wanted.namespace == namespace)
                && (wanted.port == nil || wanted.port == port)
        }
    }
}
