import JSON

/// Which objects a list or watch shows: its namespace and its two selectors.
struct ListFilter: Sendable {
    private let namespace: String
    private let labels: LabelQuery
    private let fields: [FieldTerm]

    private struct FieldTerm: Sendable {
        var path: [String]
        var value: String
        var negated: Bool
    }

    /// Nothing but the namespace narrows the list.
    var isOpen: Bool { labels.isEmpty && fields.isEmpty }

    init(_ scope: RequestScope) throws(APIStatus) {
        namespace = scope.namespace
        labels = try LabelQuery(parsing: scope.request.parameter("labelSelector") ?? "")
        let text = scope.request.parameter("fieldSelector") ?? ""
        var terms: [FieldTerm] = []
        for item in text.split(separator: ",") {
            terms.append(try Self.term(item, scope.resource))
        }
        fields = terms
    }

    func matches(_ object: JSONValue) -> Bool {
        (namespace.isEmpty || object.namespaceName == namespace)
            && (labels.isEmpty || labels.matches(object.labels))
            && fields.allSatisfy { term in
                let value = object.value(at: term.path)
                let text = value?.string ?? value?.canonicalText ?? ""
                return (text == term.value) != term.negated
            }
    }

    private static func term(
        _ item: Substring, _ resource: SandboxResource
    ) throws(APIStatus) -> FieldTerm {
        let negated = item.contains("!=")
        guard
            let range = item.firstRange(of: "!=") ?? item.firstRange(of: "==")
                ?? item.firstRange(of: "=")
        else { throw .badRequest("invalid selector: '\(item)'; can't understand '\(item)'") }
        let field = String(item[..<range.lowerBound])
        guard supported(resource).contains(field) else {
            throw .badRequest(
                "Unable to find \"\(resource.apiVersion()), Resource=\(resource.plural)\" that match "
                    + "label selector \"\", field selector \"\(item)\": field label not supported: "
                    + field)
        }
        return FieldTerm(
            path: field.split(separator: ".").map(String.init),
            value: String(item[range.upperBound...]), negated: negated)
    }

    private static func supported(_ resource: SandboxResource) -> Set<String> {
        let common: Set<String> = ["metadata.name", "metadata.namespace"]
        switch resource.qualifiedName {
        case "pods":
            return common.union([
                "spec.nodeName", "spec.restartPolicy", "spec.schedulerName",
                "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP",
                "status.nominatedNodeName",
            ])
        case "namespaces": return common.union(["status.phase"])
        case "nodes": return common.union(["spec.unschedulable"])
        case "events":
            return common.union([
                "involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
                "involvedObject.uid", "reason", "type",
            ])
        case "jobs.batch": return common.union(["status.successful"])
        default: return common
        }
    }
}
