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
        let page = "port \(port) of pod \(pod.text)"
        do throws(KubernetesError) {
            _ = try await client.podPage(
                namespace: pod.meta.namespace, pod: pod.meta.name, port: port, path: path)
            return .seen(.ready)
        } catch {
            guard let status = error.status else {
                return .unseen(why: "\(page): \(error.sentence)")
            }
            if status.isForbidden {
                return .unseen(
                    why: "\(page) may not be asked: it takes the verb get on pods/proxy in "
                        + "namespace \(pod.meta.namespace)")
            }
            // The API server's own failures are Statuses, also that it could not reach the pod; 500 and 503
            // are what ztunnel and istiod answer themselves.
            guard !status.isFromAPIServer, status.code == 500 || status.code == 503 else {
                return .unseen(why: "\(page): \(error.sentence.oneLine)")
            }
            let words = status.message.oneLine
            return .seen(.notReady("\(status.code)" + (words.isEmpty ? "" : " \(words)")))
        }
    }
}

extension String {
    /// Without line breaks, and of bounded length.
    var oneLine: String {
        let words = split(whereSeparator: \.isNewline).joined(separator: " ")
        return words.count > 300 ? words.prefix(300) + "…" : words
    }
}
