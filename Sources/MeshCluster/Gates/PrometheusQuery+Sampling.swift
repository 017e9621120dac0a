package import MeshPlanning
package import Telemetry

extension PrometheusQuery: SampledGate {
    package func sample(with reader: GateReader) async -> Reading<PrometheusAnswer> {
        await reader.ask(server, query)
    }
}
