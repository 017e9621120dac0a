import HTTPTypes

extension KubernetesClient {
    /// A page that a pod serves, fetched by the API server: it connects to the pod's IP in plaintext.
    ///
    /// - Parameter path: percent-encoded, from the pod's root, such as `/stats/prometheus`.
    package func podPage(
        namespace: String, pod: String, port: Int, path: String
    ) async throws(KubernetesError) -> [UInt8] {
        var call = try call(.get, .pods, namespace: namespace, name: pod)
        call.path += ":\(port)/proxy\(path)"
        call.isPassedOn = true
        return try await perform(call, method: .get, accept: "*/*").body
    }

    /// What a container of a pod logged, each line after its time as the kubelet took it down.
    ///
    /// - Parameters:
    ///   - container: nil where the pod has one, or names a default one.
    ///   - sinceSeconds: at least 1; nil for all that is kept.
    ///   - limitBytes: only so many bytes from the first line on; nil for all.
    package func podLog(
        namespace: String, pod: String, container: String? = nil, sinceSeconds: Int64? = nil,
        limitBytes: Int? = nil
    ) async throws(KubernetesError) -> [UInt8] {
        var query: [(name: String, value: String)] = [("timestamps", "true")]
        if let container { query.append(("container", container)) }
        if let sinceSeconds { query.append(("sinceSeconds", String(sinceSeconds))) }
        if let limitBytes { query.append(("limitBytes", String(limitBytes))) }
        var call = try call(.get, .pods, namespace: namespace, name: pod)
        call.path += "/log" + URLPath.query(query)
        call.isPassedOn = true
        return try await perform(call, method: .get, accept: "*/*").body
    }
}
