import Diagnostics
import MeshModel

/// One item of `spec.gates.probe`
enum ProbeGate {
    static let object = PlanObject(
        "A request from a short-lived pod.",
        [
            PlanKey("from", .object(from), "The pod that asks.", required: true),
            PlanKey(
                "to", .pattern("^https?://[^\\s/?#@]+([/?#][^\\s]*)?$"), "The URL that is asked.",
                required: true),
            PlanKey(
                "expect", .oneOf(GateSettings.Probe.Expectation.allCases.map(\.rawValue)),
                "`refused` is asked only once the target is STRICT.", default: "success"),
            PlanKey("timeout", .duration, "How long the request may take.", default: "5s"),
        ])

    static let from = PlanObject(
        "The pod that asks.",
        [
            PlanKey("namespace", .name(.label), "Where it runs.", required: true),
            PlanKey("image", .text, "An image with curl in it.", required: true),
            PlanKey(
                "serviceAccount", .name(.subdomain), "Its service account.", default: "default"),
        ])

    static func gate(_ cursor: PlanCursor) -> GateSettings.Probe? {
        guard let fields = cursor.fields(object) else { return nil }
        let from = fields["from"]?.fields(from)
        let namespace = from?["namespace"]?.name(.label)
        let image = from?["image"].flatMap(image)
        let account = from?["serviceAccount"]?.name(.subdomain)
        let url = fields["to"].flatMap(url)
        let expect = fields["expect"]?.choice(GateSettings.Probe.Expectation.allCases)
        let timeout = fields["timeout"]?.positiveDuration()
        guard let namespace, let image, let url else { return nil }
        var probe = GateSettings.Probe(namespace: namespace, image: image, url: url)
        if let account { probe.serviceAccount = account }
        if let expect { probe.expect = expect }
        if let timeout { probe.timeout = timeout }
        return probe
    }

    private static func image(_ cursor: PlanCursor) -> String? {
        guard let image = cursor.string() else { return nil }
        guard isVisibleASCII(image) else {
            cursor.report(.invalidValue, "\(quote(image)) is not an image name")
            return nil
        }
        return image
    }

    /// The URL becomes an argument of curl in the pod, so it has to be one word that is a URL.
    private static func url(_ cursor: PlanCursor) -> String? {
        guard let text = cursor.string() else { return nil }
        let scheme = ["http://", "https://"].first { text.hasPrefix($0) }
        let host = text.dropFirst(scheme?.count ?? 0).prefix { !"/?#".contains($0) }
        guard scheme != nil, !host.isEmpty, isVisibleASCII(text) else {
            cursor.report(
                .invalidValue, "\(quote(text)) is not a URL that a probe can ask",
                detail: "Write it as http://HOST:PORT/PATH or https://….")
            return nil
        }
        // It would be read in the journal and in the pod.
        guard !host.contains("@") else {
            cursor.report(
                .invalidValue, "`to` holds a user name, and a probe takes no credentials",
                detail: "Name something that answers without.")
            return nil
        }
        return text
    }

    private static func isVisibleASCII(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
