/// One metric with its samples, in the text format that Prometheus reads.
struct MetricFamily {
    enum Kind: String { case counter, gauge, histogram }

    /// As the `TYPE` line has it: OpenMetrics leaves out a counter's `_total` there.
    var name: String
    var kind = Kind.counter
    /// Without it there is no `HELP` line: Envoy writes none.
    var help: String?
    /// What the samples' name adds to the family's.
    var suffix = ""
    /// By their labels as text.
    private(set) var samples: [String: Int64] = [:]

    init(_ name: String, _ kind: Kind = .counter, help: String? = nil, suffix: String = "") {
        self.name = name
        self.kind = kind
        self.help = help
        self.suffix = suffix
    }

    mutating func add(_ value: Int64, _ labels: MetricLabels) {
        guard value != 0 || kind == .gauge else { return }
        samples[labels.text, default: 0] += value
    }

    /// Nothing for a family without samples.
    var text: String {
        guard !samples.isEmpty else { return "" }
        let head = help.map { "# HELP \(name) \($0)\n" } ?? ""
        let lines = samples.sorted { $0.key < $1.key }.map {
            name + suffix + $0.key + " " + String($0.value) + "\n"
        }
        return head + "# TYPE \(name) \(kind.rawValue)\n" + lines.joined()
    }
}

/// A sample's labels as the text format writes them: made once where several samples have the same.
struct MetricLabels: ExpressibleByArrayLiteral {
    fileprivate let text: String

    init(_ labels: [(String, String)]) {
        guard !labels.isEmpty else {
            text = ""
            return
        }
        let pairs = labels.map { name, value in name + "=\"" + Self.escaped(value) + "\"" }
        text = "{" + pairs.joined(separator: ",") + "}"
    }

    init(arrayLiteral labels: (String, String)...) { self.init(labels) }

    private static func escaped(_ value: String) -> String {
        // Nearly all of them: a scrape writes thousands.
        guard value.utf8.contains(where: { $0 == 0x22 || $0 == 0x5C || $0 == 0x0A }) else {
            return value
        }
        return value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n")
    }
}
