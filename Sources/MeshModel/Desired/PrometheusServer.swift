/// A Prometheus server as the API server reaches it: through its Service.
package struct PrometheusServer: Sendable, Hashable, Codable {
    package var namespace: String
    package var service: String
    /// Of the Service.
    package var port: Int
    /// What stands before `/api/v1` in its URLs: nothing, or `/prometheus`.
    package var path: String

    package init(namespace: String, service: String, port: Int = 9090, path: String = "") {
        self.namespace = namespace
        self.service = service
        self.port = port
        self.path = path
    }

    /// `prometheus.monitoring:9090/prometheus`
    package var text: String { "\(service).\(namespace):\(port)\(path)" }
}
