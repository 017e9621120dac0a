/// istiod of exactly the revisions concerned is available, and answers `/ready`.
package struct ControlPlaneReady: Sendable, Hashable, Codable {
    /// As the label `istio.io/rev` has them; `default` for the unrevisioned install.
    package var revisions: [String]

    package init(revisions: [String]) { self.revisions = revisions }
}
