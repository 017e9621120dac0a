import MeshModel

/// What Prometheus scrapes, by the labels that tell one target from another.
struct ScrapeTarget: Hashable, Comparable {
    var job: String
    /// `10.0.1.7:15020`, unless relabelled.
    var instance: String
    var namespace: String
    var pod: String

    /// Those of a query's grouping.
    static let labels = ["job", "instance", "namespace", "pod"]

    init(_ labels: [String: String]) {
        job = labels["job"] ?? ""
        instance = labels["instance"] ?? ""
        namespace = labels["namespace"] ?? ""
        pod = labels["pod"] ?? ""
    }

    static func < (a: ScrapeTarget, b: ScrapeTarget) -> Bool {
        (a.job, a.instance, a.namespace, a.pod) < (b.job, b.instance, b.namespace, b.pod)
    }

    /// `instance` without its port.
    var address: String {
        if instance.hasPrefix("[") { return String(instance.dropFirst().prefix { $0 != "]" }) }
        return String(instance.prefix { $0 != ":" })
    }
}

/// Pieces of PromQL.
enum PromQL {
    /// `pod=~"cart-0|cart-1"`. Names with characters that no name or address has match nothing.
    static func matcher(_ label: String, oneOf values: [String], suffix: String = "") -> String {
        let usable = values.filter { !$0.isEmpty && $0.utf8.allSatisfy(isPlain) }
        let words = Set(usable).sorted().map { value in
            let isIPv6 = value.contains(":")
            let word = value.replacing(".", with: #"\\."#)
            return isIPv6 ? #"\\[\#(word)\\]"# : word
        }
        // Without any, a word that no label has: an empty one stands for labels that are not there.
        return "\(label)=~\"(\(words.isEmpty ? "-" : words.joined(separator: "|")))\(suffix)\""
    }

    /// The series that come with these pods' pages: by the pods' addresses, and by their names.
    static func pages(of pods: [Pod]) -> [String] {
        [
            "{\(matcher("instance", oneOf: pods.map(\.ip), suffix: "(:[0-9]+)?"))}",
            "{\(matcher("pod", oneOf: pods.map(\.meta.name)))}",
        ]
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._:".utf8.contains(byte)
        }
    }
}
