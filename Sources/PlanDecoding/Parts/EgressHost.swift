import Diagnostics
/// One item of `egress`: `namespace/host`, as `Sidecar.egress.hosts` takes it
/// (https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener).
enum EgressHost {
    static let pattern =
        "^(\\.|\\*|~|[a-z0-9]([-a-z0-9]*[a-z0-9])?)/(\\*|(\\*\\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?)$"

    static func text(_ cursor: PlanCursor) -> String? {
        guard let text = cursor.string() else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            cursor.report(
                .invalidValue, "\(quote(text)) is not a `namespace/host`",
                detail: "Write `./HOST` for this namespace, `NAMESPACE/HOST`, `*/HOST`, or `~/*` "
                    + "for none.")
            return nil
        }
        let namespace = String(parts[0])
        let host = parts[1].hasPrefix("*.") ? String(parts[1].dropFirst(2)) : String(parts[1])
        let isNamespace =
            [".", "*", "~"].contains(namespace) || KubernetesName.Form.label.accepts(namespace)
        guard isNamespace, host == "*" || KubernetesName.Form.subdomain.accepts(host) else {
            cursor.report(
                .invalidValue, "\(quote(text)) is not a `namespace/host`",
                detail: "The namespace is a name, `.`, `*` or `~`; the host is a DNS name, `*` or "
                    + "`*.DOMAIN`.")
            return nil
        }
        return text
    }
}
