import MeshModel

/// Names for objects that are to be made, of which no two are alike.
struct FreeNames {
    private var taken: Set<ObjectReference>

    init(_ flows: FlowObjects) {
        taken = Set(
            flows.destinationRules.map { TrafficObject($0).reference }
                + flows.serviceEntries.map { TrafficObject($0).reference })
    }

    init(_ rules: [DestinationRule]) { taken = Set(rules.map { TrafficObject($0).reference }) }

    /// This name, or with a number after it.
    mutating func take(_ name: String, _ kind: TrafficKind, in namespace: String) -> String {
        var free = ObjectReference(kind: kind.rawValue, namespace: namespace, name: name)
        var number = 2
        while !taken.insert(free).inserted {
            free.name = "\(name)-\(number)"
            number += 1
        }
        return free.name
    }
}
