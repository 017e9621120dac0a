import Diagnostics
import MeshModel

/// Rules that take more than one entry of the plan into account.
struct PlanChecks {
    private let plan: MeshPlan
    private let mistakes: PlanMistakes

    static func check(_ plan: MeshPlan, mistakes: PlanMistakes) {
        let checks = PlanChecks(plan: plan, mistakes: mistakes)
        checks.waves()
        checks.rootNamespace()
        checks.namespaces()
        for namespace in plan.namespaces { checks.exceptions(of: namespace) }
        checks.others()
        checks.soak()
    }

    /// Every wave that an entry names is declared.
    private func waves() {
        let namespaces = plan.namespaces.map { ($0.wave, $0.waveRange) }
        let approvals = plan.gates.approvals.map { ($0.wave, $0.waveRange) }
        for case (let wave?, let range) in namespaces + approvals
        where !plan.rollout.waves.contains(wave) {
            mistakes.report(
                .unknownWave, "the wave \(quote(wave)) is not declared",
                detail: plan.rollout.waves.isEmpty
                    ? "Name the waves in their order under `spec.rollout.waves`."
                    : allowance(of: plan.rollout.waves, for: wave),
                remedy: plan.rollout.waves.isEmpty ? "rollout:\n  waves: [\(wave)]" : nil,
                at: range)
        }
    }

    /// A policy in the root namespace is mesh-wide, whatever entry it is written in.
    private func rootNamespace() {
        let root = plan.mesh.rootNamespace ?? "istio-system"
        for entry in plan.namespaces where entry.subject == .name(root) {
            for key in ["mtls", "exceptions"] where entry.keyRanges[key] != nil {
                mistakes.report(
                    .rootNamespacePolicy, "`\(key)` cannot be set for the root namespace `\(root)`",
                    detail: "A policy here is mesh-wide; write `spec.mesh.mtls`.",
                    at: entry.keyRanges[key])
            }
            if entry.keyRanges["egress"] != nil {
                mistakes.report(
                    .rootNamespacePolicy,
                    "`egress` cannot be set for the root namespace `\(root)`",
                    detail: "A Sidecar resource here holds for every namespace without one of its "
                        + "own. Write `egress` at each namespace.",
                    at: entry.keyRanges["egress"])
            }
        }
    }

    private func namespaces() {
        var names: [String: SourceRange] = [:]
        var selectors: [LabelSelector: SourceRange] = [:]
        for entry in plan.namespaces {
            switch entry.subject {
            case .name(let name):
                unique(name, called: "the namespace `\(name)`", at: entry.range, in: &names)
            case .selector(let selector):
                unique(
                    selector, called: "the selector `\(selector.text)`", at: entry.range,
                    in: &selectors)
            }
        }
    }

    /// Names are unique; exceptions of one selector become one policy, in which a port has one mode.
    private func exceptions(of entry: NamespaceEntry) {
        var names: [String: SourceRange] = [:]
        var policies: [LabelSelector: [Int: (mode: MTLSMode, by: ExceptionEntry)]] = [:]
        for exception in entry.exceptions {
            unique(
                exception.name, called: "the exception `\(exception.name)`", at: exception.range,
                in: &names)
            for (port, mode) in exception.ports.sorted(by: { $0.key < $1.key }) {
                let other = policies[exception.selector]?[port]
                guard let other, other.mode != mode else {
                    policies[exception.selector, default: [:]][port] = (mode, exception)
                    continue
                }
                mistakes.report(
                    .conflictingKeys,
                    "port \(port) is \(mode.rawValue) here and \(other.mode.rawValue) in the "
                        + "exception `\(other.by.name)`",
                    detail: "Both have the selector `\(exception.selector.text)`, so they become "
                        + "one policy\(place(other.by.range)).", at: exception.range)
            }
        }
    }

    private func others() {
        var hosts: [String: SourceRange] = [:]
        for entry in plan.clients {
            unique(
                entry.host, called: "the client rule for `\(entry.host)`", at: entry.range,
                in: &hosts)
        }
        var external: [String: SourceRange] = [:]
        for entry in plan.external {
            unique(
                "\(entry.namespace)/\(entry.host):\(entry.port)",
                called: "the external host `\(entry.host):\(entry.port)`", at: entry.range,
                in: &external)
        }
        resolutions()
        var approvals: [String: SourceRange] = [:]
        for gate in plan.gates.approvals {
            unique(
                gate.name, called: "the approval `\(gate.name)`", at: gate.range, in: &approvals)
        }
        var queries: [String: SourceRange] = [:]
        for gate in plan.gates.prometheus {
            unique(gate.name, called: "the query `\(gate.name)`", at: gate.range, in: &queries)
        }
    }

    /// All entries for one host of one namespace become one ServiceEntry, which has one resolution.
    private func resolutions() {
        var first: [String: ExternalEntry] = [:]
        for entry in plan.external {
            let key = "\(entry.namespace)/\(entry.host)"
            guard let other = first[key] else {
                first[key] = entry
                continue
            }
            guard other.resolution != entry.resolution else { continue }
            mistakes.report(
                .conflictingKeys,
                "`\(entry.host)` has resolution \(entry.resolution.rawValue) here and "
                    + "\(other.resolution.rawValue) before",
                detail: "Its ports become one ServiceEntry\(place(other.range)), with one "
                    + "resolution.", at: entry.range)
        }
    }

    /// Sidecars of restarted pods drain for 45 s: a shorter soak sees nothing.
    private func soak() {
        guard let soak = plan.rollout.soak[.strict], soak < .seconds(60),
            plan.namespaces.contains(where: { $0.dataplane == .sidecar })
        else { return }
        mistakes.report(
            .invalidValue, "`soak.strict` must be at least 60s with sidecars",
            detail: "A sidecar keeps its old connections for 45 seconds.",
            at: plan.rollout.keyRanges["soak"])
    }

    private func unique<Key: Hashable>(
        _ key: Key, called name: String, at range: SourceRange?,
        in seen: inout [Key: SourceRange]
    ) {
        guard let range else { return }
        if let first = seen[key] {
            mistakes.report(
                .duplicateEntry, "\(name) stands twice",
                detail: "It is first named\(place(first)). Keep one of the two.", at: range)
        } else {
            seen[key] = range
        }
    }

    private func place(_ range: SourceRange?) -> String {
        range.map { " at line \($0.start.line), column \($0.start.column)" } ?? ""
    }
}
