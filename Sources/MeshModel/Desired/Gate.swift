/// The gates by the names that the plan file, the journal and reports write (`docs/gates.md`).
package enum Gate: String, Sendable, Hashable, Codable, CaseIterable {
    case controlPlaneReady = "control-plane-ready"
    case cniReady = "cni-ready"
    case ztunnelReady = "ztunnel-ready"
    case ztunnelLogs = "ztunnel-logs"
    case dnsReady = "dns-ready"
    case injectable
    case enrolled
    case workloadsReady = "workloads-ready"
    case noPlaintext = "no-plaintext"
    case flowsCarried = "flows-carried"
    case policy15008 = "policy-15008"
    case probe
    case prometheus
    case approval
}
