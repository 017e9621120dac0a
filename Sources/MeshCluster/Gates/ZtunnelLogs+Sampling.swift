package import MeshPlanning
import MeshModel
import Telemetry
import Timing

extension ZtunnelLogs: SampledGate {
    package func sample(with reader: GateReader) async -> Sample {
        let until = reader.clock.now()
        let nodes = nodes(in: reader.state)
        let window = Duration.milliseconds(windowMilliseconds)
        let ztunnels = await reader.each(nodes.flatMap(\.pods)) { pod in
            let start = await reader.logStart(of: pod)
            let lines = await reader.log(of: pod, within: window)
            return Ztunnel(
                pod: pod, logStart: start,
                troubles: lines.map { ZtunnelTroubles($0.lazy.compactMap { LogLine($0) }) })
        }
        var rest = ztunnels[...]
        return Sample(
            until: until,
            nodes: nodes.map { node in
                defer { rest = rest.dropFirst(node.pods.count) }
                return Node(
                    name: node.name, namespaces: node.namespaces,
                    ztunnels: Array(rest.prefix(node.pods.count)))
            })
    }
}
