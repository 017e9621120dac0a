import Timing

/// Something that happens by itself at a time.
struct PendingEvent: Sendable, Codable, Equatable {
    enum Action: String, Sendable, Codable {
        // Controllers; they look at what is there, so that being called twice does no harm.
        case deployment, replicaSet, statefulSet, daemonSet, job
        case endpoints, ambient, namespace, namespaceCleanUp
        // Steps in the life of one pod, found by its UID.
        case podSchedule, podStart, podReady, podRequest, podTimeout, podFinish, podRemove
        /// Objects whose owner has this UID go.
        case collectGarbage
    }

    var milliseconds: Int64
    /// Among events of one time the first that was scheduled comes first.
    var sequence: Int64
    var action: Action
    var namespace: String
    var name: String
    var uid: String

    var due: Timestamp { Timestamp(milliseconds: milliseconds) }

    func isSame(as other: PendingEvent) -> Bool {
        action == other.action && namespace == other.namespace && name == other.name
            && uid == other.uid
    }
}

/// Pending events in the order in which they come due.
struct EventQueue: Sendable, Codable, Equatable {
    private var events: [PendingEvent] = []
    private var sequence: Int64 = 0

    var next: Timestamp? { events.first?.due }

    /// Adds an event unless the same one is pending already, at this time or earlier.
    mutating func add(
        _ action: PendingEvent.Action, at time: Timestamp, _ namespace: String, _ name: String,
        uid: String
    ) {
        let event = PendingEvent(
            milliseconds: time.milliseconds, sequence: sequence, action: action,
            namespace: namespace, name: name, uid: uid)
        guard !events.contains(where: { $0.due <= time && $0.isSame(as: event) }) else { return }
        sequence += 1
        let index = events.firstIndex { $0.due > time } ?? events.count
        events.insert(event, at: index)
    }

    mutating func pop(dueBy time: Timestamp) -> PendingEvent? {
        guard let first = events.first, first.due <= time else { return nil }
        return events.removeFirst()
    }
}
