import HTTPTypes

extension KubernetesClient {
    /// A page of one of a Service's pods, fetched by the API server: it connects to the pod's IP in plaintext.
    ///
    /// - Parameters:
    ///   - port: of the Service.
    ///   - path: percent-encoded, from the server's root, such as `/api/v1/query`.
    package func servicePage(
        namespace: String, service: String, port: Int, path: String,
        query: [(name: String, value: String)] = []
    ) async throws(KubernetesError) -> [UInt8] {
        var call = try call(.get, .services, namespace: namespace, name: service)
        call.path += ":\(port)/proxy\(path)" + URLPath.query(query)
        call.isPassedOn = true
        return try await perform(call, method: .get, accept: "*/*").body
    }
}
