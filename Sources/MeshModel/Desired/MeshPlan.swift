package import Diagnostics
package import Timing

/// The plan file (`docs/plan-file.md`), decoded: the desired mesh, its rollout and its gates.
package struct MeshPlan: Sendable, Equatable {
    package var name: String
    package var mesh = MeshEntry()
    package var namespaces: [NamespaceEntry] = []
    package var clients: [ClientEntry] = []
    package var external: [ExternalEntry] = []
    package var flows: [FlowEntry] = []
    package var ignoreFlows: [IgnoredFlow] = []
    package var rollout = RolloutSettings()
    package var gates = GateSettings()
    /// Where each key of `spec` that the plan file sets is written.
    package var keyRanges: [String: SourceRange] = [:]

    package init(name: String) { self.name = name }
}

/// `spec.mesh`
package struct MeshEntry: Sendable, Equatable {
    /// nil: what the mesh configuration says, else `istio-system`.
    package var rootNamespace: String?
    /// The mesh-wide mode; nil leaves it as it is.
    package var mtls: MTLSMode?
    package var adopt = false
    package var range: SourceRange?

    package init() {}
}

/// The data plane that a namespace should have.
package enum DesiredDataplane: String, Sendable, Hashable, CaseIterable {
    case ambient, sidecar, none
}

/// One item of `spec.namespaces`.
package struct NamespaceEntry: Sendable, Equatable {
    /// Which namespaces the entry is about.
    package enum Subject: Sendable, Equatable {
        case name(String)
        case selector(LabelSelector)
    }

    package enum Enrolment: String, Sendable, CaseIterable {
        /// Label the namespace; running pods are captured as they are.
        case namespace
        /// Label the pod templates and roll first, so that no live connection is cut.
        case rolling
    }

    package var subject: Subject
    /// nil leaves the data plane as it is.
    package var dataplane: DesiredDataplane?
    /// With `dataplane: sidecar`: a revision or tag for `istio.io/rev`.
    package var revision: String?
    package var enrolment: Enrolment?
    /// nil leaves the namespace policy as it is; `.unset` removes ours.
    package var mtls: MTLSMode?
    package var wave: String?
    package var waveRange: SourceRange?
    package var adopt = false
    package var exceptions: [ExceptionEntry] = []
    package var unprotected: [UnprotectedEntry] = []
    /// nil leaves egress as it is.
    package var egress: [String]?
    /// Why pods that no controller owns may stay as they are until somebody restarts them.
    package var acceptUnmanaged: String?
    package var range: SourceRange?
    /// Where each key that the plan file sets is written.
    package var keyRanges: [String: SourceRange] = [:]

    package init(_ subject: Subject) { self.subject = subject }
}

/// A workload whose ports differ from its namespace's mode.
package struct ExceptionEntry: Sendable, Equatable {
    package var name: String
    package var selector: LabelSelector
    /// Container ports, 1 to 65535, never Service ports.
    package var ports: [Int: MTLSMode]
    package var reason: String
    package var owner: String?
    package var expires: CalendarDate?
    package var adopt = false
    package var range: SourceRange?

    package init(
        name: String, selector: LabelSelector, ports: [Int: MTLSMode], reason: String
    ) {
        self.name = name
        self.selector = selector
        self.ports = ports
        self.reason = reason
    }
}

/// A workload known to stay outside STRICT.
package struct UnprotectedEntry: Sendable, Equatable {
    package var selector: LabelSelector
    package var reason: String
    package var owner: String?

    package init(selector: LabelSelector, reason: String, owner: String? = nil) {
        self.selector = selector
        self.reason = reason
        self.owner = owner
    }
}

/// A day, as `2027-03-31`.
package struct CalendarDate: Sendable, Hashable, Comparable {
    package var year: Int
    package var month: Int
    package var day: Int

    /// nil when the text is not an existing day written `YYYY-MM-DD`.
    package init?(_ text: String) {
        guard text.utf8.count == 10, let moment = Timestamp(rfc3339: text + "T00:00:00Z"),
            moment.rfc3339.hasPrefix(text)
        else { return nil }
        let parts = text.split(separator: "-").compactMap { Int($0) }
        (year, month, day) = (parts[0], parts[1], parts[2])
    }

    /// The day in UTC; nil beyond the year 9999.
    package init?(_ time: Timestamp) { self.init(String(time.rfc3339.prefix(10))) }

    package static func < (a: CalendarDate, b: CalendarDate) -> Bool {
        (a.year, a.month, a.day) < (b.year, b.month, b.day)
    }
}

extension CalendarDate {
    /// `2027-03-31`
    package var text: String {
        [(year, 4), (month, 2), (day, 2)].map { number, width in
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }.joined(separator: "-")
    }
}
