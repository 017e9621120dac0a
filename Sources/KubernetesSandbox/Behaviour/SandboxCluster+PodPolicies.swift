import JSON

/// Admission that can refuse a pod: PodSecurity's `restricted` level, pod quotas, and the sandbox's own limit.
extension SandboxCluster {
    func checkPodSecurity(_ pod: JSONValue) throws(APIStatus) {
        let labels = namespaceLabels(pod.namespaceName)
        guard labels["pod-security.kubernetes.io/enforce"] == "restricted" else { return }
        let spec = pod["spec"] ?? [:]
        let violations = (spec["containers"]?.array ?? []).flatMap { Self.violations($0, of: spec) }
        guard !violations.isEmpty else { return }
        let version = labels["pod-security.kubernetes.io/enforce-version"] ?? "latest"
        throw .forbidden(
            .named("pods"), pod.name,
            "violates PodSecurity \"restricted:\(version)\": " + violations.joined(separator: ", "))
    }

    /// Source: k8s.io/pod-security-admission `policy`, the checks of the restricted level.
    private static func violations(_ container: JSONValue, of spec: JSONValue) -> [String] {
        let name = container["name"]?.string ?? ""
        let own = container["securityContext"] ?? [:]
        let shared = spec["securityContext"] ?? [:]
        var violations: [String] = []
        if own["allowPrivilegeEscalation"] != false {
            violations.append(
                "allowPrivilegeEscalation != false (container \"\(name)\" must set "
                    + "securityContext.allowPrivilegeEscalation=false)")
        }
        if own["capabilities"]?["drop"]?.array?.contains("ALL") != true {
            violations.append(
                "unrestricted capabilities (container \"\(name)\" must set "
                    + "securityContext.capabilities.drop=[\"ALL\"])")
        }
        if (own["runAsNonRoot"] ?? shared["runAsNonRoot"]) != true {
            violations.append(
                "runAsNonRoot != true (pod or container \"\(name)\" must set "
                    + "securityContext.runAsNonRoot=true)")
        }
        let profile = (own["seccompProfile"] ?? shared["seccompProfile"])?["type"]?.string
        if profile != "RuntimeDefault", profile != "Localhost" {
            violations.append(
                "seccompProfile (pod or container \"\(name)\" must set "
                    + "securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")")
        }
        return violations
    }

    /// So many pods the sandbox holds: it looks at all of them for each that comes or goes.
    static let podLimit = 500

    private var isFull: Bool { objects["pods"]?.count ?? 0 >= Self.podLimit }

    /// After which a controller tries again whose pod was refused.
    var retryDelay: Duration { isFull ? Delays.retryWhenFull : Delays.retry }

    func checkPodLimit(_ pod: JSONValue) throws(APIStatus) {
        guard isFull else { return }
        throw .forbidden(
            .named("pods"), pod.name, "the sandbox holds at most \(Self.podLimit) pods")
    }

    func checkQuota(_ pod: JSONValue) throws(APIStatus) {
        for quota in list("resourcequotas", in: pod.namespaceName) {
            let hard = quota["spec"]?["hard"]?["pods"]
            guard let limit = hard?.integer ?? hard?.string.flatMap(Int64.init) else { continue }
            let used = list("pods", in: pod.namespaceName).count { $0.isActivePod }
            guard used >= limit else { continue }
            throw .forbidden(
                .named("pods"), pod.name,
                "exceeded quota: \(quota.name), requested: pods=1, used: pods=\(used), limited: "
                    + "pods=\(limit)")
        }
    }
}
