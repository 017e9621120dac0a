/// The DestinationRules of a mesh by namespace, and which of them a client's proxy takes for a host
/// (istio `pilot/pkg/model/push_context.go:destinationRule`, `setDestinationRules`).
package struct DestinationRuleIndex: Sendable {
    /// The proxy that asks.
    package struct Client: Sendable, Hashable {
        package var namespace: String
        package var labels: [String: String]

        package init(namespace: String, labels: [String: String]) {
            self.namespace = namespace
            self.labels = labels
        }
    }

    /// What the rule says about one port of the Service.
    package struct TLS: Sendable, Hashable {
        /// The mode that the cluster gets; nil for none, so that automatic mTLS decides.
        package var mode: DestinationRule.TLSMode?
        /// The mode that endpoints are judged by: where a port's entry says nothing, the rule's own
        /// (istio `pilot/pkg/xds/endpoints/mtls_checker.go:tlsModeForDestinationRule`).
        package var endpointMode: DestinationRule.TLSMode?
        /// Whether its proxies pass connections on to the dialled address, without a choice by endpoint.
        package var isPassthrough = false
        /// `namespace/name`
        package var decidedBy: String
    }

    private let rootNamespace: String
    private var byNamespace: [String: [DestinationRule]] = [:]

    package init(_ rules: [DestinationRule], rootNamespace: String) {
        self.rootNamespace = rootNamespace
        byNamespace = Dictionary(grouping: rules, by: \.meta.namespace)
            .mapValues { $0.sorted { ObjectMeta.isOlder($0.meta, $1.meta) } }
    }

    /// Puts these in the place of all rules of one namespace.
    package mutating func replace(_ rules: [DestinationRule], in namespace: String) {
        byNamespace[namespace] = rules.sorted { ObjectMeta.isOlder($0.meta, $1.meta) }
    }

    /// The first namespace with a match wins; nothing is merged across namespaces.
    package func tls(
        forPort port: Int, ofHost host: String, in namespace: String, client: Client
    ) -> TLS? {
        let own = client.namespace
        let rules =
            mostSpecific(host, in: own) { rule in
                own == rootNamespace ? isPrivate(rule) : isVisibleAtHome(rule)
            } ?? exported(host, from: namespace, to: own)
            ?? exported(host, from: rootNamespace, to: own)
        guard let rules else { return nil }
        let selected = rules.first {
            $0.meta.namespace == own && $0.workloadSelector?.matches(client.labels) == true
        }
        // Rules for the same host in one namespace are merged: the oldest's policy holds.
        let shared = rules.filter { $0.workloadSelector == nil }
        guard
            let rule = selected ?? shared.first(where: { $0.trafficPolicy != nil }) ?? shared.first
        else { return nil }
        let policy = rule.trafficPolicy
        var tls = TLS(mode: policy?.tls, endpointMode: policy?.tls, decidedBy: rule.meta.text)
        tls.isPassthrough = policy?.isPassthrough ?? false
        if let ofPort = policy?.ports[port] {
            tls.mode = ofPort
            tls.endpointMode = ofPort ?? policy?.tls
        }
        return tls
    }

    /// The rules of a namespace for the most specific host that matches, oldest first.
    private func mostSpecific(
        _ host: String, in namespace: String, where isCandidate: (DestinationRule) -> Bool
    ) -> [DestinationRule]? {
        let found = (byNamespace[namespace] ?? []).filter {
            isCandidate($0) && $0.fullHost.covers(host)
        }
        // An exact host beats wildcards, and of these the longest wins.
        let best = found.max {
            let (a, b) = ($0.fullHost, $1.fullHost)
            return (a == host ? 1 : 0, a.utf8.count) < (b == host ? 1 : 0, b.utf8.count)
        }
        guard let best else { return nil }
        return found.filter { $0.fullHost == best.fullHost }
    }

    private func exported(
        _ host: String, from namespace: String, to client: String
    ) -> [DestinationRule]? {
        let rules = mostSpecific(host, in: namespace) { !isPrivate($0) }?.filter {
            $0.exportTo.isEmpty || $0.exportTo.contains("*") || $0.exportTo.contains(client)
        }
        return rules?.isEmpty == false ? rules : nil
    }

    /// Whether its own namespace sees it.
    private func isVisibleAtHome(_ rule: DestinationRule) -> Bool {
        rule.workloadSelector != nil || rule.exportTo.isEmpty
            || rule.exportTo.contains { ["*", ".", rule.meta.namespace].contains($0) }
    }

    /// Whether only its own namespace sees it; a rule for selected workloads always is.
    private func isPrivate(_ rule: DestinationRule) -> Bool {
        rule.workloadSelector != nil
            || (!rule.exportTo.isEmpty
                && rule.exportTo.allSatisfy { [".", rule.meta.namespace].contains($0) })
    }
}

extension DestinationRule {
    /// A name without a dot is resolved in the rule's own namespace.
    package var fullHost: String {
        guard !host.contains("."), !host.hasPrefix("*") else { return host }
        return "\(host).\(meta.namespace).svc.cluster.local"
    }

    /// Whether the rule's host, exact or with a leading `*`, means this one.
    package func covers(_ host: String) -> Bool { fullHost.covers(host) }
}

extension String {
    /// Whether this host, exact or with a leading `*`, means the other.
    package func covers(_ host: String) -> Bool {
        hasPrefix("*") ? host.hasSuffix(dropFirst()) : self == host
    }
}

extension ObjectMeta {
    /// `shop/default`
    package var text: String { "\(namespace)/\(name)" }
}
