package import MeshModel

/// A run's name: sortable by its start, unique across machines.
package struct RunID: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    package var text: String

    package init(_ text: String) { self.text = text }

    package init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package var description: String { text }

    package static func < (a: RunID, b: RunID) -> Bool { a.text < b.text }
}

/// What a run is: fixed when it starts, and kept in its first event.
package struct RunHeader: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable { case apply, rollback }

    package var id: RunID
    package var kind: Kind
    /// `metadata.name` of the plan file.
    package var plan: String
    /// `metadata.uid` of the cluster's `kube-system` namespace.
    package var clusterUID: String
    /// The server as the user's kubeconfig names it; never a credential.
    package var server: String
    /// An apply's upper bound; the stage that a rollback goes back to, nil for all the way.
    package var stage: Stage?
    /// The waves that an apply is limited to, in the plan's order; nil for no limit.
    package var waves: [String]?
    /// A rollback that only relaxes policies.
    package var isPoliciesOnly: Bool
    /// A rollback that nobody asked for: the guard did. Absent in journals of older versions.
    package var isAutomatic: Bool?
    /// A rollback of whatever the cluster shows of meshctl (`EmergencyPlanner`, `UnenrolmentPlanner`): it aims
    /// at no run. Absent in journals of older versions.
    package var isEmergency: Bool?
    /// The run that a rollback undoes.
    package var target: RunID?
    /// Objects that a rollback leaves alone, because somebody else changed them since.
    package var leftAlone: [ObjectReference]
    /// The plan file as it was, so that a resumed run can tell whether it changed; empty for a rollback.
    package var planText: String
    /// `user@host` of the person.
    package var startedBy: String
    /// The saved plan that was applied, by its nonce.
    package var nonce: String?
    /// Flows that a person let break with `--accept-breaking`; absent in journals of older versions.
    package var acceptedFlows: [String]?

    package init(
        id: RunID, kind: Kind, plan: String, clusterUID: String, server: String,
        stage: Stage? = nil, waves: [String]? = nil, isPoliciesOnly: Bool = false,
        isAutomatic: Bool? = nil, isEmergency: Bool? = nil, target: RunID? = nil,
        leftAlone: [ObjectReference] = [],
        planText: String = "", startedBy: String = "",
        nonce: String? = nil, acceptedFlows: [String]? = nil
    ) {
        self.id = id
        self.kind = kind
        self.plan = plan
        self.clusterUID = clusterUID
        self.server = server
        self.stage = stage
        self.waves = waves
        self.isPoliciesOnly = isPoliciesOnly
        self.isAutomatic = isAutomatic
        self.isEmergency = isEmergency
        self.target = target
        self.leftAlone = leftAlone
        self.planText = planText
        self.startedBy = startedBy
        self.nonce = nonce
        self.acceptedFlows = acceptedFlows
    }
}
