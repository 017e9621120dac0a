import Diagnostics
import MeshModel

/// All writes that a plan asks for besides labels, restarts and policies: what clients send, hosts outside
/// the cluster, and what a namespace may call.
struct TrafficNeeds {
    private(set) var needs: [TrafficNeed] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// Writes in the root namespace, which hold for the mesh, where the limit leaves them out.
    private(set) var meshWide: [TrafficNeed] = []

    private let plan: MeshPlan
    private let index: TrafficIndex
    private let limit: WaveLimit
    private var names: FreeNames
    /// Objects of this plan that an entry speaks of.
    private var kept: Set<ObjectReference> = []

    /// - Parameter namespaces: those of the whole plan.
    init(
        _ plan: MeshPlan, _ namespaces: [ResolvedNamespace], state: MeshState, prune: Bool,
        within limit: WaveLimit = .everything
    ) {
        self.plan = plan
        self.limit = limit
        index = TrafficIndex(state, namespaces)
        names = FreeNames(state.flows)
        for entry in plan.clients { add(entry) }
        for group in ExternalGroup.grouped(plan.external) { add(group) }
        for resolved in namespaces { addEgress(of: resolved) }
        for object in index.objects where owns(object) { drop(object, prune: prune) }
        if !limit.isEverything {
            meshWide = needs.filter { $0.change.namespace == index.rootNamespace }
            needs.removeAll { $0.change.namespace == index.rootNamespace }
        }
    }

    private func owns(_ object: TrafficObject) -> Bool {
        PolicyOwnership(object.meta, plan: plan.name) == .ours
    }

    /// Mesh-wide ones too: what is left out is told.
    private func isSpokenOf(_ namespace: String) -> Bool {
        namespace == index.rootNamespace || limit.includes(index.wave(of: namespace))
    }

    // MARK: - Clients

    private mutating func add(_ entry: ClientEntry) {
        guard let service = ServiceHost(entry.host), isSpokenOf(service.namespace),
            isReadable([.destinationRule], for: "clients", at: entry.range),
            isThere(service.namespace, at: entry.range)
        else { return }
        let ports = entry.ports.mapValues { ExternalEntry.TLS(mode: $0) }
        add(
            TrafficRequest(
                kind: .destinationRule, namespace: service.namespace,
                name: "meshctl-\(service.name)", adopt: entry.adopt, place: "the client rule",
                wave: index.wave(of: service.namespace), range: entry.range),
            host: entry.host, ports: ports)
        diagnostics += ClientRuleNotes.diagnostics(of: entry, service: service, in: index)
    }

    private mutating func add(
        _ request: TrafficRequest, host: String, ports: [Int: ExternalEntry.TLS]
    ) {
        let rules = index.rules(forHost: host, in: request.namespace).filter { rule in
            let object = TrafficObject(rule)
            return !(object.image.isPin && owns(object))
        }
        let rule = ClientRuleNeeds(
            named(request), host: host, ports: ports, plan: plan.name, rules: rules)
        needs += rule.needs
        diagnostics += rule.diagnostics
        kept.formUnion(rule.keeps)
    }

    // MARK: - External hosts

    private mutating func add(_ group: ExternalGroup) {
        let hasTLS = !group.tls.isEmpty
        let kinds: [TrafficKind] = [.serviceEntry] + (hasTLS ? [.destinationRule] : [])
        guard isSpokenOf(group.namespace), isReadable(kinds, for: "external", at: group.range),
            isThere(group.namespace, at: group.range)
        else { return }
        var request = TrafficRequest(
            kind: .serviceEntry, namespace: group.namespace, name: group.objectName,
            adopt: group.adopt, place: "the external entry", wave: index.wave(of: group.namespace),
            range: group.range)
        let host = ExternalHostNeeds(
            named(request), host: group.host, entries: group.entries, plan: plan.name,
            existing: index.entries(forHost: group.host, in: group.namespace))
        needs += host.needs
        diagnostics += host.diagnostics
        kept.formUnion(host.keeps)
        guard hasTLS else { return }
        request.kind = .destinationRule
        add(request, host: group.host, ports: group.tls)
        diagnostics += group.credentialNotes
    }

    // MARK: - Egress

    private mutating func addEgress(of resolved: ResolvedNamespace) {
        let range = resolved.entry.keyRanges["egress"] ?? resolved.entry.range
        guard limit.includes(resolved.entry.wave), let hosts = resolved.entry.egress,
            isReadable([.sidecar], for: "egress", at: range)
        else { return }
        let egress = EgressNeeds(
            TrafficRequest(
                kind: .sidecar, namespace: resolved.name, name: EgressNeeds.name,
                adopt: resolved.entry.adopt, place: "the namespace", wave: resolved.entry.wave,
                range: range),
            hosts: hosts, plan: plan.name, scopes: index.scopes(in: resolved.name))
        needs += egress.needs
        diagnostics += egress.diagnostics
        kept.formUnion(egress.keeps)
    }

    // MARK: - What left the plan

    private mutating func drop(_ object: TrafficObject, prune: Bool) {
        let namespace = object.meta.namespace
        guard isSpokenOf(namespace), !kept.contains(object.reference), index.isLiving(namespace)
        else { return }
        // A run that was killed, and that nobody went on with, left its pin.
        let isPin = object.image.isPin
        guard isPin || prune || index.isListed(namespace) else {
            diagnostics.append(
                Diagnostic(
                    .leftOver, .warning,
                    "\(object.reference.text) was made by this plan, "
                        + "which no longer lists its namespace",
                    detail: "It stays. Remove it with --prune."))
            return
        }
        var track = PolicyTrack(object, isAdopted: false)
        guard let change = track.change(object.kind, to: nil) else { return }
        needs.append(
            TrafficNeed(
                stage: isPin ? .permissive : .strict, wave: index.wave(of: namespace),
                change: change))
    }

    // MARK: - What must be known

    private mutating func named(_ request: TrafficRequest) -> TrafficRequest {
        var named = request
        named.name = names.take(request.name, request.kind, in: request.namespace)
        return named
    }

    private mutating func isReadable(
        _ kinds: [TrafficKind], for key: String, at range: SourceRange?
    ) -> Bool {
        let unread = kinds.filter { index.unreadable.contains($0.rawValue) }
        for kind in unread {
            diagnostics.append(
                Diagnostic(
                    .cannotJudge, "\(kind.rawValue) objects may not be listed",
                    detail: "Without them `\(key)` cannot be planned: what is there already would "
                        + "be unknown. Ask for the right to list them.", at: range))
        }
        return unread.isEmpty
    }

    private mutating func isThere(_ namespace: String, at range: SourceRange?) -> Bool {
        if index.isLiving(namespace) { return true }
        diagnostics.append(
            index.isKnown(namespace)
                ? Diagnostic(
                    .terminatingNamespace, "namespace \(namespace) is being deleted",
                    detail:
                        "Take the entry out of the plan, or wait until the namespace is made again.",
                    at: range)
                : Diagnostic(
                    .unknownNamespace, "namespace \(namespace) does not exist in the cluster",
                    detail: "meshctl does not create namespaces.", at: range))
        return false
    }
}
