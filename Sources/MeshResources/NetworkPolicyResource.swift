import JSON
package import MeshModel

/// A NetworkPolicy, `networking.k8s.io/v1`.
package struct NetworkPolicyResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Spec: Decodable {
        struct Port: Decodable {
            var `protocol`: String?
            var port: PortNumber?
            var endPort: Int?
        }
        struct Addresses: Decodable {
            var cidr: String?
            var except: [String]?
        }
        struct Peer: Decodable {
            var ipBlock: Addresses?
            var podSelector: SelectorResource?
            var namespaceSelector: SelectorResource?
        }
        struct Rule: Decodable {
            var from: [Peer]?
            var ports: [Port]?
        }

        var podSelector: SelectorResource?
        var policyTypes: [String]?
        var ingress: [Rule]?
    }

    package let policy: NetworkPolicy

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        // Without policyTypes a policy restricts what comes in (Kubernetes `networking/v1` types.go).
        let restricts = spec?.policyTypes?.contains("Ingress") ?? true
        policy = NetworkPolicy(
            meta: metadata.meta(defaultNamespace: "default"),
            podSelector: spec?.podSelector?.selector ?? PodSelector(),
            ingress: restricts ? (spec?.ingress ?? []).map(Self.rule) : nil)
    }

    private static func rule(_ rule: Spec.Rule) -> NetworkPolicy.Rule {
        NetworkPolicy.Rule(
            peers: (rule.from ?? []).map { peer in
                if let block = peer.ipBlock {
                    return .addresses(block.cidr ?? "", except: block.except ?? [])
                }
                return .pods(
                    "namespaces \(peer.namespaceSelector?.text ?? "-") "
                        + "pods \(peer.podSelector?.text ?? "-")")
            },
            ports: (rule.ports ?? []).map { port in
                NetworkPolicy.Port(
                    transport: port.protocol ?? "TCP", number: number(port.port, port.endPort))
            })
    }

    private static func number(_ port: PortNumber?, _ end: Int?) -> NetworkPolicy.Port.Number {
        switch port {
        case nil: .any
        case .name(let name): .name(name)
        case .number(let number): .range(number...max(number, end ?? number))
        }
    }
}

/// A port by number or by name, as probes and NetworkPolicies write it.
package enum PortNumber: Decodable {
    case number(Int)
    case name(String)

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else {
            self = .name(try container.decode(String.self))
        }
    }
}

/// A `metav1.LabelSelector`.
package struct SelectorResource: Decodable {
    struct Expression: Decodable {
        var key: String?
        var `operator`: String?
        var values: [String]?
    }

    var matchLabels: JSONMap<String>?
    var matchExpressions: [Expression]?

    package var selector: PodSelector {
        PodSelector(
            matchLabels: matchLabels?.values ?? [:],
            matchExpressions: (matchExpressions ?? []).compactMap { expression in
                let key = expression.key ?? ""
                let values = Set(expression.values ?? [])
                return switch expression.operator {
                case "In": .isIn(key: key, values: values)
                case "NotIn": .isNotIn(key: key, values: values)
                case "Exists": .exists(key: key)
                case "DoesNotExist": .doesNotExist(key: key)
                default: nil
                }
            })
    }

    /// Equal for equal selectors.
    package var text: String {
        let labels = (matchLabels?.values ?? [:]).map { "\($0.key)=\($0.value)" }
        let expressions = (matchExpressions ?? []).map {
            let values = ($0.values ?? []).sorted().joined(separator: "|")
            return "\($0.key ?? "") \($0.operator ?? "") \(values)"
        }
        return "{" + (labels + expressions).sorted().joined(separator: ",") + "}"
    }
}
