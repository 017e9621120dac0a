import Foundation

extension KubeconfigLoader {
    /// The settings of a pod's service account; nil outside a cluster.
    ///
    /// Source: kubernetes.io, "Accessing the Kubernetes API from a Pod".
    func inClusterSettings() throws(KubeconfigError) -> ConnectionSettings? {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else { return nil }
        let tokenFile = "\(serviceAccountDirectory)/token"
        let authorityFile = "\(serviceAccountDirectory)/ca.crt"
        do {
            _ = try FileContents.read(tokenFile)
        } catch {
            // A pod without a service account's token is not one that may talk to the API.
            if error.isMissing { return nil }
            throw KubeconfigError(.tokenFileUnreadable(path: tokenFile, reason: error.reason))
        }
        let server: ServerURL
        do {
            server = try ServerURL(
                "https://\(host.contains(":") ? "[\(host)]" : host):\(port)")
        } catch {
            throw KubeconfigError(.invalidServer(error), file: "KUBERNETES_SERVICE_HOST")
        }
        let authorities: [UInt8]
        do {
            authorities = try FileContents.read(authorityFile)
        } catch {
            throw KubeconfigError(
                .fileUnreadable(
                    field: "ca.crt", path: authorityFile, reason: error.reason),
                file: serviceAccountDirectory)
        }
        var settings = ConnectionSettings(
            server: server, tls: TLSSettings(certificateAuthorities: authorities),
            credentials: .tokenFile(tokenFile, fallback: nil), compresses: true,
            origin: ConnectionSettings.Origin(files: [serviceAccountDirectory]))
        if let bytes = try? FileContents.read("\(serviceAccountDirectory)/namespace") {
            let name = String(decoding: bytes, as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            if !name.isEmpty { settings.namespace = name }
        }
        return settings
    }
}
