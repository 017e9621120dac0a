/// The value of a Prometheus query is within its bounds.
package struct PrometheusQuery: Sendable, Hashable, Codable {
    package var name: String
    package var query: String
    package var minimum: Double?
    package var maximum: Double?

    package init(name: String, query: String, minimum: Double? = nil, maximum: Double? = nil) {
        self.name = name
        self.query = query
        self.minimum = minimum
        self.maximum = maximum
    }
}
