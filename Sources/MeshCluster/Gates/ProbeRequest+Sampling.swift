import KubernetesClient
import MeshModel
package import MeshPlanning
import Timing

extension ProbeRequest: SampledGate {
    /// Creates the pod, waits until curl has ended, reads what it said, and deletes the pod in any case.
    package func sample(with reader: GateReader) async -> Sample {
        let client = reader.client
        let made: ProbePod
        do throws(KubernetesError) {
            let object = try await client.create(
                .pods, namespace: namespace, object: ProbePod.manifest(of: self),
                fieldManager: "meshctl")
            guard let pod = ProbePod(object) else {
                return Sample(outcome: .unseen(why: "the pod that was created has no name"))
            }
            made = pod
        } catch {
            return Sample(outcome: .unseen(why: sentence(error)))
        }
        let outcome = await outcome(of: made, reader)
        // A task of its own: an interrupted run does not leave the pod behind.
        let notes = await Task { await clean(made, client) }.value
        return Sample(outcome: outcome, notes: notes)
    }

    private func outcome(of made: ProbePod, _ reader: GateReader) async -> Reading<ProbeOutcome> {
        var watch = CaptureWatch(namespace, reader.state)
        do throws(KubernetesError) {
            let ended: Int
            switch try await exitCode(of: made, reader, &watch) {
            case .unseen(let why): return .unseen(why: why)
            case .seen(let code): ended = code
            }
            let log = try await reader.client.podLog(
                namespace: namespace, pod: made.name, container: ProbePod.container,
                limitBytes: 4 * ProbePod.bodyBytes)
            // Each line follows its time and a blank.
            let lines = String(decoding: log, as: UTF8.self).split(whereSeparator: \.isNewline)
                .map { $0.drop { $0 != " " }.dropFirst() }
            var outcome = ProbeOutcome(exitCode: ended, log: lines.joined(separator: "\n"))
            outcome.missedDataplane = watch.missed
            return .seen(outcome)
        } catch {
            return .unseen(why: sentence(error))
        }
    }

    private func exitCode(
        of made: ProbePod, _ reader: GateReader, _ watch: inout CaptureWatch
    ) async throws(KubernetesError) -> Reading<Int> {
        let deadline = reader.clock.now() + .milliseconds(timeoutMilliseconds) + ProbePod.start
        let path = ObjectPath(.pods, namespace: namespace, name: made.name)
        while true {
            guard let object = try await reader.client.get(path), let pod = ProbePod(object) else {
                return .unseen(why: "somebody else deleted the pod")
            }
            watch.look(at: pod)
            if let code = pod.exitCode { return .seen(code) }
            if pod.hasEndedOtherwise {
                return .unseen(why: "the pod ended without curl's exit code: \(pod.standing)")
            }
            let now = reader.clock.now()
            guard now < deadline else {
                return .unseen(why: "the pod did not end in time: \(pod.standing)")
            }
            do {
                try await reader.clock.sleep(for: Self.stride)
            } catch {
                return .unseen(why: "it was interrupted")
            }
            // A clock that stands still would never end it.
            guard reader.clock.now() > now else {
                return .unseen(why: "the pod did not end: \(pod.standing)")
            }
        }
    }

    /// Between two looks at the pod.
    private static let stride = Duration.milliseconds(250)

    /// Deletes the pod, and those that processes left which ended before they could. What does not work is told,
    /// a line each.
    private func clean(_ made: ProbePod, _ client: KubernetesClient) async -> [String] {
        var notes: [String] = []
        var names = [made.name]
        do throws(KubernetesError) {
            let pods = try await client.list(
                .pods, namespace: namespace, labelSelector: ProbePod.selector, decoder: .documents)
            names += (pods?.items ?? []).compactMap(ProbePod.init)
                .filter { $0.isLeft(before: made) }.map(\.name).sorted()
        } catch {
            notes.append("whether earlier probes left pods is not known: \(error.sentence)")
        }
        for name in names {
            do throws(KubernetesError) {
                try await client.delete(
                    ObjectPath(.pods, namespace: namespace, name: name), preconditions: nil)
            } catch {
                if error.status?.isMissingObject == true { continue }
                notes.append("pod \(namespace)/\(name) is left behind: \(error.sentence)")
            }
        }
        return notes
    }

    private func sentence(_ error: KubernetesError) -> String {
        guard error.status?.isForbidden == true else { return GateWords.quotation(error.sentence) }
        // Pod Security, quotas and webhooks also answer 403, and only the words tell them apart.
        return
            "\(GateWords.quotation(error.sentence)). It takes the verbs create, get, list and delete on pods, and get "
            + "on pods/log, in namespace \(namespace)"
    }
}

/// Whether the pod gets into the data plane in which its namespace's pods are to be.
///
/// istio-cni captures a pod before its containers start, and takes the annotation away again once it has
/// ended (istio `cni/pkg/nodeagent/server.go:RemovePodFromMesh`), so each look counts.
private struct CaptureWatch {
    private let expected: PodDataplane
    private var isSeenInside = false

    init(_ namespace: String, _ state: MeshState) {
        let labels = state.namespaces.first { $0.name == namespace }?.meta.labels ?? [:]
        expected = ExpectedDataplane.ofNewPod(
            PodTemplate(labels: ProbePod.labels), in: namespace, labels: labels,
            injection: state.injection, enrolment: state.enrolment)
    }

    mutating func look(at probe: ProbePod) {
        if probe.pod?.outboundPlane == expected { isSeenInside = true }
    }

    /// nil where the pod was seen to be where it should be.
    var missed: String? {
        guard !isSeenInside else { return nil }
        return switch expected {
        case .ambient: "the pod was not seen to be captured by the ambient mesh"
        case .sidecar: "the pod has no sidecar, and new pods of the namespace are to have one"
        case .none, .gateway, .waypoint: nil
        }
    }
}
