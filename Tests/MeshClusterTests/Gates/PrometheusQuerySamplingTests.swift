import MeshCluster
import MeshModel
import MeshPlanning
import Telemetry
import TestSupport
import Testing

@Suite("Asking Prometheus through the API server")
struct PrometheusQuerySamplingTests {
    private static let page =
        "GET /api/v1/namespaces/monitoring/services/prom:9091/proxy/prometheus/api/v1/query"
    private static let gate = PrometheusQuery(
        name: "errors", query: #"sum(rate(x{code=~"5.."}[5m])) + 1 & 2"#, maximum: 1,
        server: PrometheusServer(
            namespace: "monitoring", service: "prom", port: 9091, path: "/prometheus"))

    private func sampled(
        _ code: Int, _ body: String
    ) async throws -> (PrometheusQuery.Sample, [AnsweringCluster.Request]) {
        let cluster = AnsweringCluster([Self.page: (code, body)])
        let sample = await Self.gate.sample(with: try cluster.reader(mesh()))
        return (sample, cluster.requests)
    }

    private func why(_ code: Int, _ body: String) async throws -> String? {
        guard case .unseen(let why) = try await sampled(code, body).0 else { return nil }
        return why
    }

    @Test("the query goes to the Service's proxy, encoded, in one request")
    func request() async throws {
        let (sample, requests) = try await sampled(
            200, #"{"status":"success","data":{"resultType":"scalar","result":[1,"0.5"]}}"#)
        #expect(sample.value?.series.map(\.value) == [0.5])
        #expect(
            requests.map(\.line) == [
                Self.page + "?query=sum%28rate%28x%7Bcode%3D~%225..%22%7D%5B5m%5D%29%29%20%2B%201"
                    + "%20%26%202"
            ])
    }

    @Test("what Prometheus says against a query is the reason")
    func refused() async throws {
        let error = #"{"status":"error","errorType":"bad_data","error":"parse error"}"#
        for code in [200, 400, 422, 503] {
            #expect(
                try await why(code, error)
                    == "prom.monitoring:9091/prometheus refuses the query: bad_data: parse error")
        }
    }

    @Test("a missing right is named, and a Service that is not there is no data")
    func unseen() async throws {
        #expect(
            try await why(403, AnsweringCluster.status(403, "Forbidden", "no"))?
                .contains("the verb get on services/proxy in namespace monitoring") == true)
        let missing = AnsweringCluster.status(404, "NotFound", "services prom not found")
        #expect(try await why(404, missing)?.contains("services prom not found") == true)
        let down = AnsweringCluster.status(503, "ServiceUnavailable", "no endpoints available")
        #expect(try await why(503, down)?.contains("no endpoints available") == true)
    }

    @Test("a page that is no answer of Prometheus is no data")
    func otherPages() async throws {
        #expect(try await why(200, "<html>")?.contains("the answer is not JSON") == true)
        #expect(try await why(403, "RBAC: access denied")?.contains("answered with 403") == true)
        #expect(try await why(302, "")?.isEmpty == false)
    }
}
