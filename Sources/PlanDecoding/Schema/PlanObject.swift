/// One mapping of the plan file as it may be written: the decoder, the JSON Schema and the tests of
/// the manual all read this description.
struct PlanObject: Sendable {
    /// A sentence for people.
    var about: String
    var keys: [PlanKey]

    init(_ about: String, _ keys: [PlanKey]) {
        self.about = about
        self.keys = keys
    }

    var names: [String] { keys.map(\.name) }
}

struct PlanKey: Sendable {
    var name: String
    var type: PlanType
    /// A sentence for people.
    var about: String
    var isRequired = false
    /// What an absent key means, as it would be written.
    var fallback: String?

    init(
        _ name: String, _ type: PlanType, _ about: String, required: Bool = false,
        default fallback: String? = nil
    ) {
        self.name = name
        self.type = type
        self.about = about
        self.isRequired = required
        self.fallback = fallback
    }
}

/// What may stand behind a key.
indirect enum PlanType: Sendable {
    /// Any text that is not empty.
    case text
    case name(KubernetesName.Form)
    /// A text with a rule of its own, as a regular expression for editors.
    case pattern(String)
    case flag
    case integer(ClosedRange<Int>)
    case number
    case duration
    case date
    case oneOf([String])
    case labels
    /// Port numbers with one of these words each.
    case ports([String])
    case object(PlanObject)
    case list(PlanType)
    case either([PlanType])
}
