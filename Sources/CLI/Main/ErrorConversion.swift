import Diagnostics
import Foundation
import Journal
import KubernetesClient
import KubernetesSandbox
import MeshApply
import MeshCluster
import Reporting
import SandboxServer
import Timing

/// The one place where errors become sentences and exit codes: what, where, why, and what to do next.
enum ErrorConversion {
    static func failure(for error: any Error) -> CommandFailure {
        switch error {
        case let failure as CommandFailure: failure
        case let error as KubernetesError: kubernetes(error)
        case let error as KubeconfigError: kubeconfig(error)
        case let error as TransportError: CommandFailure(.failure, error.message)
        case let error as JournalError: journal(error)
        case let error as CheckpointError:
            CommandFailure(.failure, CheckpointSentence.of(error))
        case let error as StateLock.Failure: lock(error)
        case let error as ManifestReader.ReadError:
            CommandFailure(
                .failure,
                "the manifests cannot be used\n"
                    + DiagnosticRenderer.text(error.diagnostics, sources: [], color: false))
        case let error as SandboxStoreError: sandbox(error)
        case let error as FaultError:
            CommandFailure(
                .usage,
                "this fault cannot be switched: \(error.why)"
                    + "\nThe faults are explained by: meshctl sandbox fault --help")
        case let error as SandboxServer.ListenError:
            CommandFailure(
                .failure,
                "cannot serve the sandbox on port \(error.port): \(error.why)"
                    + "\nChoose another with --port, or leave it out for any free one.")
        default: CommandFailure(.failure, error.localizedDescription)
        }
    }

    // MARK: - The cluster

    private static func kubernetes(_ error: KubernetesError) -> CommandFailure {
        switch error {
        case .status(let status): return refusal(status)
        case .transport(let error, let call): return transport(error, call)
        case .credentials(let error): return kubeconfig(error)
        case .cancelled: return CommandFailure(.interrupted, "interrupted")
        case .malformed, .unusableName:
            return CommandFailure(.failure, TerminalText.sanitized(error.sentence))
        }
    }

    private static func refusal(_ status: APIStatus) -> CommandFailure {
        let call = status.call
        let words = TerminalText.sanitized(status.message)
        let reason = TerminalText.sanitized(status.reason)
        if status.isUnauthorized {
            return CommandFailure(
                .notPermitted,
                """
                \(call.server) does not accept the credentials (401 Unauthorized)
                The token or certificate of this context is wrong or has expired. Log in again, then check:
                  kubectl auth whoami
                """)
        }
        if status.isForbidden {
            let verb = call.verb == .apply ? "patch" : call.verb.rawValue
            let place = call.namespace.map { " -n \($0)" } ?? " --all-namespaces"
            return CommandFailure(
                .notPermitted,
                """
                not permitted: \(verb) \(call.target) (403 Forbidden)
                \(words)
                Ask for the right, then check:
                  kubectl auth can-i \(verb) \(call.resource?.text ?? call.path)\(place)
                """)
        }
        return CommandFailure(
            .failure,
            "\(call.verb.rawValue) \(call.target) at \(call.server): "
                + "\(status.code) \(reason): \(words)")
    }

    private static func transport(_ error: TransportError, _ call: APICall) -> CommandFailure {
        let what =
            switch error.kind {
            case .resolve: "cannot find the address of \(call.server)"
            case .refused, .connectTimeout: "cannot reach \(call.server)"
            case .tls: "no trust between meshctl and \(call.server)"
            case .timeout: "\(call.server) did not answer in time (\(call.target))"
            case .reset, .truncated: "\(call.server) broke the connection off (\(call.target))"
            case .tooLarge: "the answer of \(call.server) is too large (\(call.target))"
            case .cancelled, .other: "\(call.server): \(call.target)"
            }
        let next =
            switch error.kind {
            case .resolve, .refused, .connectTimeout:
                "\nIs it the right context, and is the cluster up? Check with: kubectl cluster-info"
            case .tls:
                "\nThe kubeconfig's certificate-authority does not match what the server presents."
            default: ""
            }
        return CommandFailure(
            .failure, "\(what)\n\(TerminalText.sanitized(error.message))\(next)")
    }

    private static func kubeconfig(_ error: KubeconfigError) -> CommandFailure {
        CommandFailure(
            .failure, TerminalText.sanitized(KubeconfigSentence.of(error), keepsLines: true))
    }

    // MARK: - The state file

    private static func journal(_ error: JournalError) -> CommandFailure {
        CommandFailure(
            .failure, TerminalText.sanitized(JournalSentence.of(error), keepsLines: true))
    }

    private static func lock(_ failure: StateLock.Failure) -> CommandFailure {
        switch failure {
        case .cannotLock(let path, let reason):
            return CommandFailure(
                .failure,
                "cannot lock the state file: \(path): \(reason)"
                    + "\nIts folder must be yours to write, with room for it. Name another with --state."
            )
        case .held(let path, let holder):
            let who = holder.map(words)
            return CommandFailure(
                .locked,
                TerminalText.sanitized(
                    "the state file is locked by \(who ?? "another meshctl")")
                    + "\nWait for it to end. The lock goes with the process (\(path)).")
        }
    }

    static func words(_ holder: StateLock.Holder) -> String {
        "meshctl \(holder.command), process \(holder.pid) on \(holder.host), "
            + "since \(holder.since.rfc3339)"
    }

    // MARK: - The sandbox

    private static func sandbox(_ error: SandboxStoreError) -> CommandFailure {
        switch error {
        case .unknownSandbox(let name, let known):
            let near = Suggestion.nearest(to: name, among: known).map { " Did you mean \($0)?" }
            return CommandFailure(
                .failure,
                "there is no sandbox '\(name)'.\(near ?? "")\n"
                    + "Known: \(known.joined(separator: ", "))")
        case .inUse(let name, let holder):
            let who = holder.map { " by process \($0.pid)" } ?? ""
            let served = holder?.url.map { url in
                "\nIt is served at \(url): use --kubeconfig instead of --sandbox."
            }
            return CommandFailure(
                .locked, "sandbox \(name) is in use\(who)" + (served ?? "\nWait for it to end."))
        case .damaged(let path, let why):
            return CommandFailure(
                .failure,
                "the sandbox's contents \(path) are damaged: \(why)\n"
                    + "They were left as they are. Start again with: meshctl sandbox reset NAME")
        case .newer(let path, let version):
            return CommandFailure(
                .failure,
                "the sandbox's contents \(path) were written by a newer meshctl (\(version))")
        case .io(let path, let why):
            return CommandFailure(.failure, "the sandbox's contents \(path): \(why)")
        case .scenario(let error):
            return CommandFailure(.failure, "the scenario cannot be read: \(error)")
        }
    }
}
