package import MeshModel

/// Any gate's question, as the rollout, the saved plan and the journal keep it.
package enum GateQuestion: Sendable, Hashable, Codable {
    case controlPlaneReady(ControlPlaneReady)
    case cniReady(CNIReady)
    case ztunnelReady(ZtunnelReady)
    case ztunnelLogs(ZtunnelLogs)
    case dnsReady(DNSReady)
    case injectable(Injectable)
    case enrolled(Enrolled)
    case workloadsReady(WorkloadsReady)
    case noPlaintext(NoPlaintext)
    case flowsCarried(FlowsCarried)
    case policy15008(Policy15008)
    case probe(ProbeRequest)
    case prometheus(PrometheusQuery)
    case approval(ApprovalAsked)

    package var gate: Gate {
        switch self {
        case .controlPlaneReady: .controlPlaneReady
        case .cniReady: .cniReady
        case .ztunnelReady: .ztunnelReady
        case .ztunnelLogs: .ztunnelLogs
        case .dnsReady: .dnsReady
        case .injectable: .injectable
        case .enrolled: .enrolled
        case .workloadsReady: .workloadsReady
        case .noPlaintext: .noPlaintext
        case .flowsCarried: .flowsCarried
        case .policy15008: .policy15008
        case .probe: .probe
        case .prometheus: .prometheus
        case .approval: .approval
        }
    }
}

extension GateQuestion {
    /// Whether asking it leaves a refusal behind.
    package var expectsRefusal: Bool {
        if case .probe(let gate) = self { gate.expects == .refused } else { false }
    }

    /// Whether it may watch proxies for as long as its window.
    package var watches: Bool {
        if case .noPlaintext = self { true } else { false }
    }

    /// Whether what the cluster holds matters to it.
    package var needsState: Bool {
        switch self {
        case .prometheus, .approval: false
        default: true
        }
    }

    /// Whether it is about what the steps end: once they are begun, it cannot be asked again.
    var isOfTheTimeBefore: Bool {
        if case .probe(let gate) = self { gate.expects == .successBeforeRefusal } else { false }
    }
}
