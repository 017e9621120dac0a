package import MeshModel
import Timing

/// A Pod, `v1`: the fields that decide about its data plane and its rollout.
package struct PodResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec, status }

    struct ContainerResource: Decodable {
        struct Port: Decodable {
            var name: String?
            var containerPort: Int?
        }

        struct Probe: Decodable {
            struct Handler: Decodable {
                var port: PortNumber?
                var path: String?
            }

            var httpGet: Handler?
            var tcpSocket: Handler?
            var grpc: Handler?

            /// nil for `exec`, which needs no network.
            var probe: Container.Probe? {
                guard let handler = httpGet ?? tcpSocket ?? grpc, let port = handler.port else {
                    return nil
                }
                let path = httpGet == nil ? "" : handler.path ?? "/"
                return switch port {
                case .number(let number): Container.Probe(port: .number(number), path: path)
                case .name(let name): Container.Probe(port: .name(name), path: path)
                }
            }
        }

        var name: String?
        var image: String?
        var ports: [Port]?
        var livenessProbe: Probe?
        var readinessProbe: Probe?
        var startupProbe: Probe?

        var container: Container {
            Container(
                name: name ?? "", image: image ?? "",
                ports: (ports ?? []).compactMap { port in
                    port.containerPort.map { Container.Port(name: port.name ?? "", number: $0) }
                },
                probes: [livenessProbe, readinessProbe, startupProbe].compactMap { $0?.probe })
        }
    }

    private struct Spec: Decodable {
        var nodeName: String?
        var hostNetwork: Bool?
        var containers: [ContainerResource]?
        var initContainers: [ContainerResource]?
    }

    private struct Status: Decodable {
        struct Condition: Decodable {
            var type: String?
            var status: String?
        }

        struct ContainerStatus: Decodable {
            struct State: Decodable {
                struct Running: Decodable { var startedAt: String? }

                var running: Running?
            }

            var name: String?
            var state: State?
        }

        var phase: String?
        var podIP: String?
        var conditions: [Condition]?
        var containerStatuses: [ContainerStatus]?
        var initContainerStatuses: [ContainerStatus]?
    }

    package let pod: Pod

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        let status = try container.decodeIfPresent(Status.self, forKey: .status)
        // What a controller's pods are told stands in its template.
        let ownsItself = metadata.owner.map { WorkloadKind(rawValue: $0.kind) == nil } ?? true
        let texts =
            ownsItself
            ? try container.decodeIfPresent(PodTextsResource.self, forKey: .spec) : nil
        let ready = status?.conditions?.first { $0.type == "Ready" }
        // A pod without status comes from a manifest: it is judged as running and ready.
        pod = Pod(
            meta: metadata.meta(defaultNamespace: "default"), owner: metadata.owner,
            hostNetwork: spec?.hostNetwork ?? false,
            nodeName: spec?.nodeName ?? (status?.phase == nil ? "(unknown)" : ""),
            phase: status?.phase ?? "Running",
            isReady: status?.phase == nil || ready?.status == "True",
            ip: status?.podIP ?? "", isAssumedReady: status?.phase == nil,
            containers: Self.containers(spec?.containers, status?.containerStatuses),
            initContainers: Self.containers(
                spec?.initContainers, status?.initContainerStatuses),
            references: texts?.references ?? [])
    }

    private static func containers(
        _ resources: [ContainerResource]?, _ statuses: [Status.ContainerStatus]?
    ) -> [Container] {
        (resources ?? []).map { resource in
            var container = resource.container
            container.runningSince = statuses?.first { $0.name == resource.name }?.state?.running?
                .startedAt.flatMap { Timestamp(rfc3339: $0) }
            return container
        }
    }
}
