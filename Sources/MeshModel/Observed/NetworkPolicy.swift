/// A NetworkPolicy, `networking.k8s.io/v1`: what it lets in to the pods that it selects.
///
/// Policies add up: a connection passes if any rule of any policy that selects the pod admits it.
package struct NetworkPolicy: Sendable, Hashable {
    package enum Peer: Sendable, Hashable {
        /// An address range, with the ranges that are taken out of it.
        case addresses(String, except: [String])
        /// Pods, by whatever selectors; their text tells equal peers from others.
        case pods(String)
    }

    package struct Port: Sendable, Hashable {
        package enum Number: Sendable, Hashable {
            case range(ClosedRange<Int>)
            /// A container port by its name.
            case name(String)
            case any
        }

        /// `TCP`, `UDP`, `SCTP`.
        package var transport: String
        package var number: Number

        package init(transport: String = "TCP", number: Number) {
            self.transport = transport
            self.number = number
        }
    }

    package struct Rule: Sendable, Hashable {
        /// Empty is everybody.
        package var peers: [Peer]
        /// Empty is every port.
        package var ports: [Port]

        package init(peers: [Peer] = [], ports: [Port] = []) {
            self.peers = peers
            self.ports = ports
        }
    }

    package var meta: ObjectMeta
    package var podSelector: PodSelector
    /// What may come in; nil where the policy does not restrict that, empty where nothing may.
    package var ingress: [Rule]?

    package init(
        meta: ObjectMeta, podSelector: PodSelector = PodSelector(), ingress: [Rule]? = []
    ) {
        self.meta = meta
        self.podSelector = podSelector
        self.ingress = ingress
    }

    package func selects(_ pod: Pod) -> Bool {
        // Pods on the host network are outside most implementations' reach; none of them is in a data plane.
        pod.meta.namespace == meta.namespace && podSelector.matches(pod.meta.labels)
    }
}

/// A `metav1.LabelSelector` of pods: an empty one matches everything.
package struct PodSelector: Sendable, Hashable {
    package var matchLabels: [String: String]
    package var matchExpressions: [InjectionSelector.Requirement]

    package init(
        matchLabels: [String: String] = [:], matchExpressions: [InjectionSelector.Requirement] = []
    ) {
        self.matchLabels = matchLabels
        self.matchExpressions = matchExpressions
    }

    package func matches(_ labels: [String: String]) -> Bool {
        matchLabels.allSatisfy { labels[$0.key] == $0.value }
            && matchExpressions.allSatisfy { $0.isMet(by: labels) }
    }
}

extension NetworkPolicy.Rule {
    /// Whether it admits TCP on this port of the pod.
    package func admits(port: Int, of pod: Pod) -> Bool {
        ports.isEmpty
            || ports.contains { entry in
                guard entry.transport == "TCP" else { return false }
                switch entry.number {
                case .any: return true
                case .range(let range): return range.contains(port)
                case .name(let name):
                    return pod.containers.flatMap(\.ports).contains {
                        $0.name == name && $0.number == port
                    }
                }
            }
    }

    /// Whether it speaks about TCP at all.
    package var concernsTCP: Bool { ports.isEmpty || ports.contains { $0.transport == "TCP" } }

    /// Whether connections from this address pass it.
    package func admits(address: String) -> Bool {
        peers.isEmpty
            || peers.contains { peer in
                guard case .addresses(let range, let except) = peer else { return false }
                return IPRange(range)?.contains(address) == true
                    && !except.contains { IPRange($0)?.contains(address) == true }
            }
    }
}
