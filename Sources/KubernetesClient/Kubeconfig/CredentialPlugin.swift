import Foundation
import JSON
import Timing

/// A command that gives a credential, such as `aws-iam-authenticator`; what it answers stays in memory.
///
/// Source: kubernetes.io, "client-go credential plugins"; `client.authentication.k8s.io` v1 and v1beta1.
package struct CredentialPlugin: Sendable {
    package struct Definition: Sendable {
        var apiVersion: String
        var command: String
        var arguments: [String]
        var environment: [(name: String, value: Secret)]
        var installHint: String?
        var wantsClusterInfo: Bool
    }

    let definition: Definition
    private let file: String
    private let subject: KubeconfigError.Subject
    private let environment: [String: String]
    private let cluster: JSONValue
    private let tell: @Sendable (String) -> Void

    private static let versions = [
        "client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1",
    ]

    init(
        _ definition: Definition, settings: ConnectionSettings, file: String,
        subject: KubeconfigError.Subject, environment: [String: String],
        tell: @escaping @Sendable (String) -> Void
    ) {
        self.definition = definition
        self.file = file
        self.subject = subject
        self.environment = environment
        var cluster: JSONValue = ["server": .string(settings.server.description)]
        if let name = settings.tls.serverName { cluster["tls-server-name"] = .string(name) }
        if settings.tls.skipsVerification { cluster["insecure-skip-tls-verify"] = true }
        if let authorities = settings.tls.certificateAuthorities {
            cluster["certificate-authority-data"] = .string(Data(authorities).base64EncodedString())
        }
        self.cluster = cluster
        self.tell = tell
    }

    /// Runs the command and waits for it.
    func run() throws(KubeconfigError) -> PluginCredential {
        let answer = try PluginProcess(
            executable: try executable(), arguments: definition.arguments,
            environment: childEnvironment(),
            words: PluginWords(secrets: definition.environment.map(\.value)), tell: tell
        ).run { failure in error(failure) }
        return try credential(answer)
    }

    func error(_ failure: KubeconfigError.PluginFailure) -> KubeconfigError {
        KubeconfigError(
            .plugin(
                command: definition.command, failure, installHint: definition.installHint),
            file: file, subject: subject)
    }

    /// A bare name is looked up in `PATH`; a path with a slash is relative to the kubeconfig.
    private func executable() throws(KubeconfigError) -> String {
        let command = definition.command
        if command.contains("/") {
            return MaterialReader(file: file, subject: subject).path(command)
        }
        for folder in (environment["PATH"] ?? "").split(separator: ":") {
            let candidate = "\(folder)/\(command)"
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
        }
        throw error(.notFound)
    }

    private func childEnvironment() -> [String: String] {
        var child = environment
        for (name, value) in definition.environment { value.withText { child[name] = $0 } }
        var spec: JSONValue = ["interactive": false]
        if definition.wantsClusterInfo { spec["cluster"] = cluster }
        let info: JSONValue = [
            "apiVersion": .string(definition.apiVersion), "kind": "ExecCredential", "spec": spec,
        ]
        child["KUBERNETES_EXEC_INFO"] = info.canonicalText
        return child
    }

    /// Reads an `ExecCredential`. No error repeats what the command printed.
    func credential(_ answer: [UInt8]) throws(KubeconfigError) -> PluginCredential {
        do throws(KubeconfigError.PluginFailure) {
            return try PluginCredential(answer: answer, apiVersion: definition.apiVersion)
        } catch {
            throw self.error(error)
        }
    }
}

extension PluginCredential {
    /// Reads the `ExecCredential` that a plugin printed.
    ///
    /// - Parameter apiVersion: the one that it was asked for.
    package init(
        answer: [UInt8], apiVersion: String
    ) throws(KubeconfigError.PluginFailure) {
        guard let document = try? JSONValue(parsing: answer) else {
            throw .unusableAnswer("it is not JSON")
        }
        guard document["kind"]?.string == "ExecCredential" else {
            throw .unusableAnswer("its kind is not ExecCredential")
        }
        guard document["apiVersion"]?.string == apiVersion else {
            throw .unusableAnswer("its apiVersion is not \(apiVersion)")
        }
        let status = document["status"] ?? .null
        func text(_ name: String) -> String? {
            status[name]?.string.flatMap { $0.isEmpty ? nil : $0 }
        }
        self.init(
            token: text("token").map { Secret($0) },
            clientCertificate: text("clientCertificateData").map { Array($0.utf8) },
            clientKey: text("clientKeyData").map { Secret($0) },
            expires: text("expirationTimestamp").flatMap { Timestamp(rfc3339: $0) })
        guard token != nil || clientCertificate != nil else {
            throw .unusableAnswer("it holds neither a token nor a client certificate")
        }
        guard (clientCertificate == nil) == (clientKey == nil) else {
            throw .unusableAnswer("it holds only one half of a client certificate and key")
        }
    }
}

extension CredentialPlugin.Definition {
    init(_ fields: KubeconfigFields) throws(KubeconfigError) {
        guard let command = try fields.text("command") else {
            throw fields.error(.missingField("exec.command"))
        }
        guard let version = try fields.text("apiVersion") else {
            throw fields.error(.missingField("exec.apiVersion"))
        }
        guard CredentialPlugin.supports(version) else {
            throw fields.error(
                .notSupported(
                    field: "exec.apiVersion: \(version)",
                    advice: "use client.authentication.k8s.io/v1 or /v1beta1"))
        }
        apiVersion = version
        self.command = command
        arguments = try fields.texts("args")
        environment = []
        for variable in try fields.children("env") {
            guard let name = try variable.text("name") else { continue }
            environment.append((name, Secret(try variable.text("value") ?? "")))
        }
        installHint = try fields.text("installHint")
        wantsClusterInfo = try fields.flag("provideClusterInfo")
        if try fields.text("interactiveMode") == "Always" {
            throw fields.error(
                .notSupported(
                    field: "exec.interactiveMode: Always",
                    advice: "log in with the plugin's own command first, and set IfAvailable"))
        }
    }
}

extension CredentialPlugin {
    fileprivate static func supports(_ version: String) -> Bool { versions.contains(version) }
}
