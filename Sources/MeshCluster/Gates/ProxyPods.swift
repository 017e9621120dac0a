import MeshModel
import Timing

/// A pod by namespace and name.
struct PodKey: Hashable, Comparable {
    var namespace: String
    var name: String

    init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    init(_ pod: Pod) { self.init(namespace: pod.meta.namespace, name: pod.meta.name) }

    var text: String { "\(namespace)/\(name)" }

    static func < (a: PodKey, b: PodKey) -> Bool {
        (a.namespace, a.name) < (b.namespace, b.name)
    }
}

/// One run of a proxy's process: another one has counters of its own.
struct ProxyProcess: Hashable {
    var uid: String
    var runningSince: Timestamp?
}

extension Pod {
    /// Of the container `istio-proxy`, as which ztunnel runs, too; else of the only one.
    var proxyProcess: ProxyProcess {
        let all = containers + initContainers
        let proxy = all.first { $0.name == "istio-proxy" } ?? all.first
        return ProxyProcess(uid: meta.uid, runningSince: proxy?.runningSince)
    }
}

/// Who is at an address, as a reader knows them.
struct CallerNames {
    private var names: [String: String] = [:]

    init(_ state: MeshState) {
        let index = WorkloadIndex(state)
        for pod in state.pods where pod.isLive && !pod.ip.isEmpty {
            names[pod.ip] = pod.hostNetwork ? "node \(pod.nodeName)" : index.text(of: pod)
        }
    }

    func name(of address: String) -> String {
        names[address].map { "\($0) at \(address)" } ?? "\(address), which is no pod's address"
    }
}

/// CronJobs without a data plane that run less often than once in a window.
struct SeldomClients {
    private var periods: [String: Int64] = [:]

    init(_ state: MeshState, windowMilliseconds: Int64) {
        for workload in state.workloads where workload.kind == .cronJob {
            guard let period = CronSchedule(workload.schedule)?.longestPause,
                period.wholeMilliseconds > windowMilliseconds,
                Pod(templateOf: workload, in: state).dataplane == .none
            else { continue }
            periods[workload.id.text] = period.wholeMilliseconds
        }
    }

    /// By name, in milliseconds.
    func among(_ clients: [String]) -> [String: Int64] {
        periods.filter { clients.contains($0.key) }
    }
}
