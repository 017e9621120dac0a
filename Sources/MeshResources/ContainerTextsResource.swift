package import MeshModel

/// What a container of a pod or a template is told: its environment, command and arguments. Only the
/// Services that they name are kept.
package struct ContainerTextsResource: Decodable {
    private struct Variable: Decodable {
        var name: String?
        var value: String?
    }

    private enum Keys: String, CodingKey { case name, command, args, env }

    private let name: String
    private let texts: [(place: String, text: String)]

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        name = try container.decodeIfPresent(String.self, forKey: .name) ?? ""
        let variables = try container.decodeIfPresent([Variable].self, forKey: .env) ?? []
        let command = try container.decodeIfPresent([String].self, forKey: .command) ?? []
        let arguments = try container.decodeIfPresent([String].self, forKey: .args) ?? []
        texts =
            variables.compactMap { variable in
                variable.value.map { ("env \(variable.name ?? "")", $0) }
            } + command.map { ("command", $0) } + arguments.map { ("args", $0) }
    }

    package static func references(in containers: [ContainerTextsResource]) -> [HostReference] {
        var scanner = HostReferenceScanner()
        for container in containers {
            for (place, text) in container.texts {
                scanner.scan(text, place: "\(place) of container \(container.name)")
            }
        }
        return scanner.references
    }
}

/// The containers of a `spec` or a template's `spec`, for their texts.
package struct PodTextsResource: Decodable {
    private var containers: [ContainerTextsResource]?
    private var initContainers: [ContainerTextsResource]?

    package var references: [HostReference] {
        ContainerTextsResource.references(in: (initContainers ?? []) + (containers ?? []))
    }
}
