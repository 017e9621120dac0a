import MeshModel

/// A workload as plan files name it: `NAME`, or `KIND/NAME` in lower case, where `pod` is a kind as well.
struct WorkloadPattern {
    let kind: String?
    let name: String

    init(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        kind = parts.count == 2 ? parts[0] : nil
        name = parts.last ?? text
    }

    func matches(_ id: WorkloadID) -> Bool {
        name == id.name && (kind == nil || kind == id.kind.rawValue.lowercased())
    }

    func matches(pod: String) -> Bool { name == pod && (kind == nil || kind == "pod") }
}
