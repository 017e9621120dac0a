import Diagnostics
import JSON
import MeshModel

/// The workload policies of one namespace: one PeerAuthentication per selector.
///
/// Each carries an explicit mode, its namespace's of that stage: with an unset mode under an inherited
/// STRICT, ztunnel refuses the excepted port up to Istio 1.24.2, and fails open in other shapes.
struct ExceptionNeeds {
    private(set) var needs: [PolicyNeed] = []
    private(set) var diagnostics: [Diagnostic] = []

    private let plan: String
    private let namespace: String
    private let wave: String?
    private let modes: (now: MTLSMode, permissive: MTLSMode, finally: MTLSMode)
    private let existing: [PeerAuthentication]

    init(
        _ resolved: ResolvedNamespace, plan: String,
        modes: (now: MTLSMode, permissive: MTLSMode, finally: MTLSMode), state: MeshState
    ) {
        self.plan = plan
        namespace = resolved.name
        wave = resolved.entry.wave
        self.modes = modes
        existing = state.peerAuthentications
            .filter { $0.meta.namespace == resolved.name && $0.selectsWorkloads }
            .sorted(by: PeerAuthentication.isOlder)
        let groups = Self.grouped(resolved.entry.exceptions)
        for group in groups { write(group) }
        let wanted = Set(groups.map(\.selector))
        for policy in existing where !wanted.contains(policy.selector ?? LabelSelector([:])) {
            drop(policy)
        }
        refuseOverlaps(groups, state: state)
    }

    /// Entries of one selector, merged; named for the first of them.
    private struct Group {
        var selector: LabelSelector
        var ports: [Int: MTLSMode]
        var entries: [ExceptionEntry]
        var adopt: Bool { entries.contains(where: \.adopt) }
    }

    private static func grouped(_ entries: [ExceptionEntry]) -> [Group] {
        var groups: [Group] = []
        for entry in entries {
            if let index = groups.firstIndex(where: { $0.selector == entry.selector }) {
                groups[index].ports.merge(entry.ports) { first, _ in first }
                groups[index].entries.append(entry)
            } else {
                groups.append(
                    Group(selector: entry.selector, ports: entry.ports, entries: [entry]))
            }
        }
        return groups
    }

    private mutating func write(_ group: Group) {
        // The oldest of one selector is the one that counts.
        let found = existing.first { $0.selector == group.selector }
        var track: PolicyTrack
        if let found {
            let ownership = PolicyOwnership(found, plan: plan)
            let isSettled = found.mode == modes.finally && found.portModes == group.ports
            if !isSettled,
                let obstacle = ownership.obstacle(
                    to: found, adopt: group.adopt, pasteUnder: "the exception",
                    at: group.entries[0].range)
            {
                diagnostics.append(obstacle)
                return
            }
            track = PolicyTrack(found, isAdopted: ownership == .foreign)
        } else {
            track = PolicyTrack(new: freeName(for: group.entries[0].name), in: namespace)
        }
        let onTheWay = portsOnTheWay(group.ports, from: found)
        advance(&track, to: modes.permissive, ports: onTheWay, of: group, in: .permissive)
        advance(&track, to: modes.finally, ports: group.ports, of: group, in: .strict)
    }

    private mutating func advance(
        _ track: inout PolicyTrack, to mode: MTLSMode, ports: [Int: MTLSMode], of group: Group,
        in stage: Stage
    ) {
        var spec = PolicySpec.make(mode: mode, selector: group.selector, ports: ports)
        if track.isAdopted, let image = track.image {
            var kept = PolicySpec.setting(mode: mode, in: image.spec)
            kept["portLevelMtls"] = spec["portLevelMtls"]
            spec = kept
        }
        let next = PolicyImage(
            labels: track.image?.labels ?? PolicyOwnership.labels(plan: plan),
            annotations: track.image?.annotations ?? [:], spec: spec)
        let before = track.image
        guard let change = track.change(to: next) else { return }
        let loosens = before.map { PolicySpec.mode(of: $0.spec) == .strict && mode != .strict }
        needs.append(
            PolicyNeed(
                stage: stage, wave: wave, change: change, marks: loosens == true ? [.loosens] : []))
    }

    /// What opens a port is written in `permissive`; what closes one waits for `strict`.
    private func portsOnTheWay(
        _ wanted: [Int: MTLSMode], from found: PeerAuthentication?
    ) -> [Int: MTLSMode] {
        var ports = wanted.filter { $0.value == .permissive }
        guard let found else { return ports.isEmpty ? wanted : ports }
        for (port, mode) in found.portModes where wanted[port] != .permissive { ports[port] = mode }
        return ports
    }

    /// An exception that left the plan: ours goes, in the stage that tightens.
    private mutating func drop(_ policy: PeerAuthentication) {
        guard PolicyOwnership(policy, plan: plan) == .ours else { return }
        var track = PolicyTrack(policy, isAdopted: false)
        guard let change = track.change(to: nil) else { return }
        needs.append(PolicyNeed(stage: .strict, wave: wave, change: change))
    }

    private func freeName(for exception: String) -> String {
        let taken = Set(existing.map(\.meta.name))
        let name = "meshctl-\(exception)"
        guard taken.contains(name) else { return name }
        var number = 2
        while taken.contains("\(name)-\(number)") { number += 1 }
        return "\(name)-\(number)"
    }

    /// Two selectors that meet on one pod are one scope, in which only the oldest counts.
    private mutating func refuseOverlaps(_ groups: [Group], state: MeshState) {
        let staying = existing.filter { policy in
            PolicyOwnership(policy, plan: plan) != .ours
                && !groups.contains { $0.selector == policy.selector }
        }
        var reported: Set<Set<LabelSelector>> = []
        for pod in state.pods where pod.meta.namespace == namespace && pod.isLive {
            let ours = groups.filter { $0.selector.matches(pod.meta.labels) }
            let others = staying.filter { $0.selector?.matches(pod.meta.labels) ?? false }
            guard let first = ours.first, ours.count + others.count > 1 else { continue }
            let selectors = Set(ours.map(\.selector) + others.compactMap(\.selector))
            guard reported.insert(selectors).inserted else { continue }
            let names =
                others.map { "PeerAuthentication \($0.text)" }
                + ours.map { "exception \($0.entries[0].name)" }
            diagnostics.append(
                Diagnostic(
                    .shadowedPolicy,
                    "pod \(namespace)/\(pod.meta.name) is selected by "
                        + names.joined(separator: " and "),
                    detail: "Of two workload policies on one pod only the oldest counts. "
                        + "Write one exception whose selector covers both, "
                        + "or selectors that do not meet.",
                    at: first.entries[0].range))
        }
    }
}
