import Diagnostics
import JSON
import MeshModel

/// What keeps refusing plaintext after an emergency, because it is somebody else's.
struct StandingStrict {
    private(set) var diagnostics: [Diagnostic] = []
    /// What takes the effect of a relaxing away: an emergency that it stands over is incomplete.
    private(set) var leftAlone: [ObjectReference] = []

    /// - Parameters:
    ///   - after: the cluster once it is relaxed.
    ///   - relaxed: what is relaxed, `namespace/name`.
    init(_ observed: MeshState, after: MeshState, relaxed: Set<String>) {
        let policies = after.peerAuthentications.sorted(by: PeerAuthentication.isOlder)
        var standing = policies.filter {
            MeshctlMark.plan(of: $0) == nil && $0.relaxedSpec != $0.spec
                && !($0.selectsWorkloads && $0.meta.namespace == after.rootNamespace)
        }
        let ours = observed.peerAuthentications.filter { relaxed.contains($0.text) }
        let winners = standing.compactMap { foreign in
            ours.first { foreign.wins(over: $0) }.map { (foreign, $0) }
        }
        for (winner, loser) in winners {
            leftAlone.append(
                ObjectReference(
                    kind: "PeerAuthentication", namespace: winner.meta.namespace,
                    name: winner.meta.name))
            diagnostics.append(
                Diagnostic(
                    .shadowedPolicy, .warning,
                    "PeerAuthentication \(winner.text) is older than \(loser.text) and wins: "
                        + "it is STRICT, and relaxing \(loser.text) does nothing"
                        + (winner.selectsWorkloads ? " where both select a pod" : ""),
                    detail: "meshctl did not make it and does not change it. To open it:",
                    remedy: Self.opening(winner)))
        }
        standing.removeAll { policy in winners.contains { $0.0.text == policy.text } }
        guard !standing.isEmpty else { return }
        diagnostics.append(
            Diagnostic(
                .leftOver, .note,
                "STRICT stays where others say so: " + Self.names(standing.map(\.text).sorted()),
                detail:
                    "meshctl did not make \(standing.count == 1 ? "this policy" : "these policies") "
                    + "and does not change \(standing.count == 1 ? "it" : "them"). To open one:",
                remedy: Self.opening(standing[0])))
    }

    private static func names(_ names: [String]) -> String {
        let shown = names.prefix(20).joined(separator: ", ")
        return names.count > 20 ? "\(shown) and \(names.count - 20) more" : shown
    }

    /// nil where a shell would read the patch otherwise.
    private static func opening(_ policy: PeerAuthentication) -> String? {
        var patch: [String: JSONValue] = [:]
        for (key, value) in policy.relaxedSpec.object ?? [:] where policy.spec[key] != value {
            patch[key] = value
        }
        let text = JSONValue.object(["spec": .object(patch)]).canonicalText
        guard !text.contains("'") else { return nil }
        return "kubectl -n \(policy.meta.namespace) patch peerauthentication \(policy.meta.name) "
            + "--type=merge -p '\(text)'"
    }
}

extension PeerAuthentication {
    /// Of two policies of one scope the oldest counts alone.
    fileprivate func wins(over other: PeerAuthentication) -> Bool {
        guard meta.namespace == other.meta.namespace, meta.name != other.meta.name,
            selectsWorkloads == other.selectsWorkloads, Self.isOlder(self, other)
        else { return false }
        return !selectsWorkloads || mayMeet(other)
    }
}
