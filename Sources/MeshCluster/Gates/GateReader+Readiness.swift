import KubernetesClient
import MeshModel
import MeshPlanning

extension GateReader {
    /// What pods say on their readiness pages.
    func readiness(of pods: [Pod], port: Int, path: String) async -> ReadinessAnswers {
        let answers = await each(pods) { await readiness(of: $0, port: port, path: path) }
        return ReadinessAnswers(
            Dictionary(zip(pods.map(\.text), answers), uniquingKeysWith: { first, _ in first }))
    }

    private func readiness(of pod: Pod, port: Int, path: String) async -> Reading<Readiness> {
        do throws(KubernetesError) {
            _ = try await client.podPage(
                namespace: pod.meta.namespace, pod: pod.meta.name, port: port, path: path)
            return .seen(.ready)
        } catch {
            // The API server's own failures are Statuses, also that it could not reach the pod; 500 and 503
            // are what ztunnel and istiod answer themselves.
            guard let status = error.status, !status.isFromAPIServer,
                status.code == 500 || status.code == 503
            else { return .unseen(why: PodPart(pod, port: port).absence(error)) }
            let words = GateWords.quotation(status.message)
            return .seen(.notReady("\(status.code)" + (words.isEmpty ? "" : " \(words)")))
        }
    }
}
