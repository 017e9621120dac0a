import Foundation

extension Kubeconfig {
    /// The settings of a context, the current one unless another is named.
    ///
    /// - Parameter tell: gets what a credential plugin says on standard error, line by line.
    package func settings(
        context name: String? = nil, environment: [String: String] = [:],
        tell: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(KubeconfigError) -> ConnectionSettings {
        guard let name = name ?? currentContext else {
            throw KubeconfigError(.noCurrentContext(available: contextNames), file: files.first)
        }
        guard let context = contexts[name] else {
            throw KubeconfigError(
                .unknownContext(available: contextNames), file: files.first,
                subject: .context(name))
        }
        guard let clusterName = context.cluster else {
            throw KubeconfigError(
                .missingField("cluster"), file: context.file, subject: .context(name))
        }
        guard let cluster = clusters[clusterName] else {
            throw KubeconfigError(
                .undefined(by: name), file: context.file, subject: .cluster(clusterName))
        }
        let reader = MaterialReader(file: cluster.file, subject: .cluster(clusterName))
        let server = try cluster.serverURL(reader)
        var settings = ConnectionSettings(server: server)
        settings.namespace = context.namespace ?? "default"
        settings.proxy = cluster.proxy(server, environment)
        settings.compresses = !cluster.disablesCompression && !server.isLoopback
        settings.origin = ConnectionSettings.Origin(
            files: files, context: name, cluster: clusterName, user: context.user)
        // As kubectl: over plain HTTP nobody is asked to prove anything, and no credential is sent.
        guard server.scheme == .https else { return settings }
        settings.tls = try cluster.tls(reader)
        guard let userName = context.user else { return settings }
        guard let user = users[userName] else {
            throw KubeconfigError(
                .undefined(by: name), file: context.file, subject: .user(userName))
        }
        let identity = MaterialReader(file: user.file, subject: .user(userName))
        try user.fill(&settings, identity, environment, tell)
        return settings
    }
}

extension Kubeconfig.Cluster {
    func serverURL(_ reader: MaterialReader) throws(KubeconfigError) -> ServerURL {
        guard let server else { throw reader.error(.missingField("server")) }
        let speaksTLS = skipsVerification || authority.path != nil || authority.data != nil
        do {
            return try ServerURL(server, defaultScheme: speaksTLS ? .https : .http)
        } catch {
            throw reader.error(.invalidServer(error))
        }
    }

    func tls(_ reader: MaterialReader) throws(KubeconfigError) -> TLSSettings {
        let authorities = try reader.read(authority, "certificate-authority")
        if let authorities {
            try reader.expect("CERTIFICATE", in: authorities, "certificate-authority")
        }
        if authorities != nil, skipsVerification {
            throw reader.error(
                .conflictingFields(["certificate-authority", "insecure-skip-tls-verify"]))
        }
        return TLSSettings(
            certificateAuthorities: authorities, serverName: tlsServerName,
            skipsVerification: skipsVerification)
    }

    /// The cluster's own proxy, else that of the environment, which never stands before loopback.
    func proxy(_ server: ServerURL, _ environment: [String: String]) -> ProxySettings? {
        if let proxyURL { return ProxySettings(url: proxyURL) }
        guard !server.isLoopback else { return nil }
        func variable(_ name: String) -> String? {
            let value = environment[name] ?? environment[name.lowercased()] ?? ""
            return value.isEmpty ? nil : value
        }
        guard let url = variable(server.scheme == .https ? "HTTPS_PROXY" : "HTTP_PROXY") else {
            return nil
        }
        return ProxySettings(url: Secret(url), exceptions: variable("NO_PROXY") ?? "")
    }
}

extension Kubeconfig.User {
    func fill(
        _ settings: inout ConnectionSettings, _ reader: MaterialReader,
        _ environment: [String: String], _ tell: @escaping @Sendable (String) -> Void
    ) throws(KubeconfigError) {
        if let authProvider {
            throw reader.error(
                .notSupported(
                    field: "auth-provider: \(authProvider)",
                    advice: "kubectl no longer supports it either; use an exec plugin or a token"))
        }
        try checkConflicts(reader)
        settings.impersonation = impersonation
        settings.tls.clientCertificate = try reader.read(certificate, "client-certificate")
        settings.tls.clientKey = try reader.read(key, "client-key").map { Secret($0) }
        try checkClientCertificate(settings.tls, reader)
        if let tokenFile {
            settings.credentials = .tokenFile(reader.path(tokenFile), fallback: token)
        } else if let token {
            settings.credentials = .token(token)
        } else if let username {
            settings.credentials = .basic(user: username, password: password ?? Secret(""))
        } else if let plugin {
            let command = CredentialPlugin(
                plugin, settings: settings, file: file, subject: reader.subject,
                environment: environment, tell: tell)
            let first = try command.run()
            if let certificate = first.clientCertificate {
                settings.tls.clientCertificate = certificate
                settings.tls.clientKey = first.clientKey
                try checkClientCertificate(settings.tls, reader)
            }
            settings.credentials = .plugin(command, first: first)
        }
    }

    private func checkConflicts(_ reader: MaterialReader) throws(KubeconfigError) {
        var ways: [String] = []
        if token != nil || tokenFile != nil { ways.append("token") }
        if username != nil { ways.append("username") }
        if plugin != nil { ways.append("exec") }
        if ways.count > 1 { throw reader.error(.conflictingFields(ways)) }
    }

    private func checkClientCertificate(
        _ tls: TLSSettings, _ reader: MaterialReader
    ) throws(KubeconfigError) {
        switch (tls.clientCertificate, tls.clientKey) {
        case (nil, nil): return
        case (nil, _): throw reader.error(.missingField("client-certificate"))
        case (_, nil): throw reader.error(.missingField("client-key"))
        case (let certificate?, let key?):
            try reader.expect("CERTIFICATE", in: certificate, "client-certificate")
            let bytes = key.withBytes { Array($0) }
            try reader.expect("PRIVATE KEY", in: bytes, "client-key")
            if PEM.isEncrypted(bytes) { throw reader.error(.encryptedKey(field: "client-key")) }
        }
    }
}
