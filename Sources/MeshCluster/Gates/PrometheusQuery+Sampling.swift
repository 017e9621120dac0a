import KubernetesClient
package import MeshPlanning
import MeshModel
package import Telemetry

extension PrometheusQuery: SampledGate {
    package func sample(with reader: GateReader) async -> Reading<PrometheusAnswer> {
        let body: [UInt8]
        do throws(KubernetesError) {
            body = try await reader.client.servicePage(
                namespace: server.namespace, service: server.service, port: server.port,
                path: server.path + "/api/v1/query", query: [("query", query)])
        } catch {
            return .unseen(why: refusal(error))
        }
        do throws(PrometheusAnswer.Failure) {
            return .seen(try PrometheusAnswer(json: body))
        } catch {
            return .unseen(why: sentence(error))
        }
    }

    /// The API server answers with a Status; Prometheus with 400, 422 and 503, and its own words.
    private func refusal(_ error: KubernetesError) -> String {
        guard let status = error.status else { return error.sentence }
        if status.isFromAPIServer {
            return status.isForbidden
                ? "\(server.text) may not be asked: it takes the verb get on services/proxy in "
                    + "namespace \(server.namespace)"
                : error.sentence
        }
        do throws(PrometheusAnswer.Failure) {
            _ = try PrometheusAnswer(json: Array(status.message.utf8))
        } catch {
            if case .refused = error { return sentence(error) }
        }
        return "\(server.text) answered with \(status.code) \(status.message)"
    }

    private func sentence(_ failure: PrometheusAnswer.Failure) -> String {
        switch failure {
        case .refused(let words): "\(server.text) refuses the query: \(words)"
        case .unreadable(let why): "\(server.text) was asked, and \(why)"
        }
    }
}
