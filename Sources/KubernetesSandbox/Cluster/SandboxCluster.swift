package import JSON
package import Timing

/// One write: an object as it was and as it is, nil where it is not there.
package struct SandboxChange: Sendable {
    package var resourceVersion: Int64
    package var key: ObjectKey
    package var old: JSONValue?
    package var new: JSONValue?
}

/// A Kubernetes cluster with Istio, as a value: no I/O, no clock, no randomness.
///
/// Time is what `advance(to:)` says. Controllers, kubelets and istio-cni act by pending events, which
/// come due as the time moves; a request sees the cluster as it is at that moment.
package struct SandboxCluster: Sendable {
    var objects: [String: [ObjectKey: JSONValue]] = [:]
    /// The counter behind every `metadata.resourceVersion`, across all resources as in etcd.
    package internal(set) var resourceVersion: Int64 = 1000
    package internal(set) var now: Timestamp
    var names: DeterministicNames
    var pending = EventQueue()
    var addresses = AddressPool()
    /// The last writes, for watches and for pages of one list; `historyStart` is the resourceVersion
    /// before the oldest of them.
    var history: [SandboxChange] = []
    var historyStart: Int64 = 1000
    private var changes: [SandboxChange] = []
    /// nil in a cluster without synthetic traffic.
    var traffic: Traffic?
    var faults = Faults()
    /// As they were at the last commit.
    var storedFaults = Faults()

    /// An empty cluster. Equal seeds give equal UIDs and generated names.
    package init(seed: UInt64, now: Timestamp) {
        names = DeterministicNames(seed: seed)
        self.now = now
    }

    /// The writes since the last call, in order, to be stored and told to watchers.
    package mutating func takeChanges() -> [SandboxChange] {
        defer { changes = [] }
        return changes
    }

    /// When the next thing happens by itself.
    package var nextEventTime: Timestamp? { pending.next }

    /// Moves the time on and lets everything happen that is due by then, in order.
    ///
    /// A time in the past changes nothing.
    package mutating func advance(to time: Timestamp) {
        while let event = pending.pop(dueBy: time) {
            now = max(now, event.due)
            perform(event)
        }
        now = max(now, time)
    }

    func object(_ resource: String, _ namespace: String, _ name: String) -> JSONValue? {
        objects[resource]?[ObjectKey(resource: resource, namespace: namespace, name: name)]
    }

    /// Objects of a type, of one namespace or (with an empty name) of all, by namespace and name.
    func list(_ resource: String, in namespace: String = "") -> [JSONValue] {
        let all = objects[resource] ?? [:]
        return all.lazy.filter { namespace.isEmpty || $0.key.namespace == namespace }
            .sorted { $0.key < $1.key }.map(\.value)
    }

    func namespaceLabels(_ name: String) -> [String: String] {
        object("namespaces", "", name)?.labels ?? [:]
    }

    /// Keeps an object under the next resourceVersion and returns it with that.
    @discardableResult
    mutating func put(_ object: JSONValue, _ resource: SandboxResource) -> JSONValue {
        let key = ObjectKey(
            resource: resource.qualifiedName, namespace: object.namespaceName, name: object.name)
        resourceVersion += 1
        var object = object
        object.set(["metadata", "resourceVersion"], .string(String(resourceVersion)))
        let old = objects[key.resource]?[key]
        objects[key.resource, default: [:]][key] = object
        record(SandboxChange(resourceVersion: resourceVersion, key: key, old: old, new: object))
        return object
    }

    mutating func remove(_ object: JSONValue, _ resource: SandboxResource) {
        let key = ObjectKey(
            resource: resource.qualifiedName, namespace: object.namespaceName, name: object.name)
        guard let old = objects[key.resource]?[key] else { return }
        resourceVersion += 1
        objects[key.resource]?[key] = nil
        record(SandboxChange(resourceVersion: resourceVersion, key: key, old: old, new: nil))
    }

    private mutating func record(_ change: SandboxChange) {
        changes.append(change)
        noteForTraffic(change)
        history.append(change)
        if history.count > Self.historyLimit {
            let dropped = history.count - Self.historyLimit * 3 / 4
            historyStart = history[dropped - 1].resourceVersion
            history.removeFirst(dropped)
        }
        react(to: change)
    }

    /// Enough for the pages of a list and for a watch that comes back; older ones get 410.
    private static let historyLimit = 4096
}

extension SandboxCluster {
    /// What is not in the objects themselves, to be kept beside them.
    package struct Bookkeeping: Sendable, Codable, Equatable {
        var resourceVersion: Int64
        var milliseconds: Int64
        var names: DeterministicNames
        var pending: EventQueue
        var addresses: AddressPool
        /// nil in contents that were kept before there were any.
        var faults: Faults?
    }

    package var bookkeeping: Bookkeeping {
        Bookkeeping(
            resourceVersion: resourceVersion, milliseconds: now.milliseconds, names: names,
            pending: pending, addresses: addresses, faults: faults)
    }

    /// A cluster as it was kept. Watches from before its resourceVersion are too old.
    init(_ bookkeeping: Bookkeeping, objects kept: [ObjectKey: JSONValue], traffic: Traffic?) {
        self.traffic = traffic
        resourceVersion = bookkeeping.resourceVersion
        historyStart = bookkeeping.resourceVersion
        now = Timestamp(milliseconds: bookkeeping.milliseconds)
        names = bookkeeping.names
        pending = bookkeeping.pending
        addresses = bookkeeping.addresses
        faults = bookkeeping.faults ?? Faults()
        storedFaults = faults
        for (key, object) in kept { objects[key.resource, default: [:]][key] = object }
    }

    /// Every object, for the first writing of the store.
    package var allObjects: [ObjectKey: JSONValue] {
        objects.values.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    }
}
