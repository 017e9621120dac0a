import KubernetesClient
package import MeshModel
package import MeshPlanning
package import Telemetry
package import Timing

extension GateReader {
    /// What Prometheus answers to an instant query, through the API server.
    ///
    /// - Parameters:
    ///   - time: the moment that is asked about; nil for Prometheus' own present.
    ///   - maximumBytes: a longer answer is not read.
    package func ask(
        _ server: PrometheusServer, _ query: String, at time: Timestamp? = nil,
        maximumBytes: Int = PrometheusAnswer.maximumBytes
    ) async -> Reading<PrometheusAnswer> {
        var parameters = [(name: "query", value: query)]
        if let time { parameters.append(("time", time.unixSeconds)) }
        let body: [UInt8]
        do throws(KubernetesError) {
            body = try await client.servicePage(
                namespace: server.namespace, service: server.service, port: server.port,
                path: server.path + "/api/v1/query", query: parameters)
        } catch {
            return .unseen(why: server.refusal(error))
        }
        do throws(PrometheusAnswer.Failure) {
            return .seen(try PrometheusAnswer(json: body, maximumBytes: maximumBytes))
        } catch {
            return .unseen(why: server.sentence(error))
        }
    }
}

extension Timestamp {
    /// `1435781451.781`
    fileprivate var unixSeconds: String {
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        return "\(milliseconds / 1000).\(fraction)"
    }
}

extension PrometheusServer {
    /// The API server answers with a Status; Prometheus with 400, 422 and 503, and its own words.
    fileprivate func refusal(_ error: KubernetesError) -> String {
        guard let status = error.status else { return error.sentence }
        if status.isFromAPIServer {
            return status.isForbidden
                ? "\(text) may not be asked: it takes the verb get on services/proxy in namespace \(namespace)"
                : error.sentence
        }
        do throws(PrometheusAnswer.Failure) {
            _ = try PrometheusAnswer(json: Array(status.message.utf8))
        } catch {
            if case .refused = error { return sentence(error) }
        }
        return "\(text) answered with \(status.code) \(status.message)"
    }

    fileprivate func sentence(_ failure: PrometheusAnswer.Failure) -> String {
        switch failure {
        case .refused(let words): "\(text) refuses the query: \(words)"
        case .unreadable(let why): "\(text) was asked, and \(why)"
        }
    }
}
