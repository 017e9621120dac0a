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
    private let modes: ScopeModes
    /// The workload policies that are there, oldest first.
    private let existing: [PeerAuthentication]
    private let pods: [Pod]
    /// The names of all policies of the namespace, and of those to be made.
    private var names: Set<String>

    /// - Parameters:
    ///   - modes: those of the namespace.
    ///   - policies: those of the namespace, and its pods.
    init(
        _ resolved: ResolvedNamespace, plan: String, modes: ScopeModes,
        policies: [PeerAuthentication], pods: [Pod]
    ) {
        self.plan = plan
        namespace = resolved.name
        wave = resolved.entry.wave
        self.modes = modes
        self.pods = pods.filter(\.isLive)
        names = Set(policies.map(\.meta.name))
        existing = policies.filter(\.selectsWorkloads).sorted(by: PeerAuthentication.isOlder)
        let groups = Self.grouped(resolved.entry.exceptions)
        for group in groups { write(group) }
        let wanted = Set(groups.map(\.selector))
        for policy in existing where !wanted.contains(policy.selector ?? LabelSelector([:])) {
            drop(policy)
        }
        refuseOverlaps(groups)
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
        let image = found.map { PolicyImage($0) }
        let target = AcceptedTraffic(mode: modes.finally, ports: group.ports)
        // What opens a port is written in `permissive`; what closes one waits for `strict`.
        var current = AcceptedTraffic(image, inherited: modes.enrolled)
        var onTheWay = current.union(target)
        onTheWay.mode = AcceptedTraffic(image, inherited: modes.permissive).union(target).mode
        if let found, found.says(target), onTheWay == target { return }
        guard var track = track(of: found, for: group) else { return }
        for (stage, traffic) in [(Stage.permissive, onTheWay), (.strict, target)] {
            let change = track.change(to: self.image(traffic, of: group, after: track))
            if let change {
                let loosens = current.loosens(to: traffic) && isEnforced(group.selector)
                needs.append(
                    PolicyNeed(
                        stage: stage, wave: wave, change: change, marks: loosens ? [.loosens] : []))
            }
            current = traffic
        }
    }

    /// nil, with a diagnostic, where the policy must not be changed.
    private mutating func track(of found: PeerAuthentication?, for group: Group) -> PolicyTrack? {
        guard let found else {
            return PolicyTrack(new: freeName(for: group.entries[0].name), in: namespace)
        }
        let ownership = PolicyOwnership(found, plan: plan)
        if let obstacle = ownership.obstacle(
            to: found, adopt: group.adopt, pasteUnder: "the exception", at: group.entries[0].range)
        {
            diagnostics.append(obstacle)
            return nil
        }
        return PolicyTrack(found, isAdopted: ownership == .foreign)
    }

    private func image(
        _ traffic: AcceptedTraffic, of group: Group, after track: PolicyTrack
    ) -> PolicyImage {
        var spec = PolicySpec.make(
            mode: traffic.mode, selector: group.selector, ports: traffic.ports)
        if track.isAdopted, let image = track.image {
            var kept = PolicySpec.setting(mode: traffic.mode, in: image.spec)
            kept["portLevelMtls"] = spec["portLevelMtls"]
            spec = kept
        }
        return PolicyImage(
            labels: track.image?.labels ?? PolicyOwnership.labels(plan: plan),
            annotations: track.image?.annotations ?? [:], spec: spec)
    }

    /// An exception that left the plan: ours goes, in the stage that tightens.
    private mutating func drop(_ policy: PeerAuthentication) {
        guard PolicyOwnership(policy, plan: plan) == .ours, let selector = policy.selector else {
            return
        }
        let removal = PolicyRemoval(
            of: PolicyTrack(policy, isAdopted: false),
            before: AcceptedTraffic(PolicyImage(policy), inherited: modes.permissive),
            after: AcceptedTraffic(mode: modes.finally, ports: [:]), stage: .strict,
            order: .dropped, wave: wave, isEnforced: isEnforced(selector))
        needs += removal.needs
    }

    private func isEnforced(_ selector: LabelSelector) -> Bool {
        pods.contains { $0.enforces && selector.matches($0.meta.labels) }
    }

    private mutating func freeName(for exception: String) -> String {
        let name = "meshctl-\(exception)"
        var free = name
        var number = 2
        while !names.insert(free).inserted {
            free = "\(name)-\(number)"
            number += 1
        }
        return free
    }

    /// Two selectors that meet on one pod are one scope, in which only the oldest counts.
    private mutating func refuseOverlaps(_ groups: [Group]) {
        let staying = existing.filter { policy in
            PolicyOwnership(policy, plan: plan) != .ours
                && !groups.contains { $0.selector == policy.selector }
        }
        var reported: Set<Set<LabelSelector>> = []
        for pod in pods {
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

extension PeerAuthentication {
    /// Whether the policy says this itself, whatever the order or the noise of its spec.
    fileprivate func says(_ traffic: AcceptedTraffic) -> Bool {
        mode == traffic.mode && AcceptedTraffic(mode: mode, ports: portModes) == traffic
    }
}
