import JSON
import KubernetesClient
import MeshModel
package import MeshPlanning

extension Injectable: SampledGate {
    package func sample(with reader: GateReader) async -> Sample {
        let wanted = Set(workloads)
        let known = reader.state.workloads.filter { wanted.contains($0.id) }
        let questions = known.map { ($0.id, labelsToAskWith(for: $0, in: reader.state)) }
        let client = reader.client
        let answers = await reader.each(questions) {
            question -> Reading<Injectable.Admission> in
            switch question.1 {
            case .seen(let labels):
                return await client.admission(of: question.0, adding: labels)
            case .unseen(let why): return .unseen(why: why)
            }
        }
        let namespaces = Set(workloads.map(\.namespace)).sorted()
        let quotas = await reader.each(namespaces) { await client.quotas(in: $0) }
        return Sample(
            state: reader.state,
            admissions: Dictionary(
                zip(questions.map(\.0), answers), uniquingKeysWith: { first, _ in first }),
            quotas: Dictionary(uniqueKeysWithValues: zip(namespaces, quotas)))
    }
}

extension KubernetesClient {
    /// A pod of the workload's template, created in a dry run: it passes admission, and is not kept.
    fileprivate func admission(
        of id: WorkloadID, adding labels: [String: String]
    ) async -> Reading<Injectable.Admission> {
        do throws(KubernetesError) {
            guard let object = try await get(ObjectPath(id)) else {
                return .unseen(why: "it is gone")
            }
            let spec =
                id.kind == .cronJob ? object[path: "spec", "jobTemplate", "spec"] : object["spec"]
            guard let template = spec?["template"], let podSpec = template["spec"] else {
                return .unseen(why: "its pod template was not found")
            }
            var metadata = template["metadata"] ?? [:]
            let own = (metadata["labels"] ?? [:]).stringMap
            // The server makes the name, as it does for a controller's pods.
            metadata = [
                "generateName": .string("\(id.name)-"), "namespace": .string(id.namespace),
                "labels": JSONValue(own.merging(labels) { $1 }),
                "annotations": metadata["annotations"] ?? [:],
            ]
            let pod = try await create(
                .pods, namespace: id.namespace,
                object: [
                    "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": podSpec,
                ], fieldManager: "meshctl", dryRun: true)
            let containers = ["containers", "initContainers"].flatMap {
                pod[path: "spec", $0]?.array ?? []
            }
            return .seen(
                .admitted(
                    hasSidecar: containers.contains { $0["name"]?.string == "istio-proxy" }))
        } catch {
            return error.admission(in: id.namespace)
        }
    }

    /// Each ResourceQuota as a line: `ResourceQuota q: limits.cpu 3 of 4`.
    fileprivate func quotas(in namespace: String) async -> Reading<[String]> {
        do throws(KubernetesError) {
            let found = try await list(
                KubernetesResource(
                    group: "", version: "v1", plural: "resourcequotas", kind: "ResourceQuota"),
                namespace: namespace, decoder: .documents)
            return .seen(
                (found?.items ?? []).map { quota in
                    let name = quota[path: "metadata", "name"]?.string ?? ""
                    let hard = (quota[path: "status", "hard"] ?? [:]).stringMap
                    let used = (quota[path: "status", "used"] ?? [:]).stringMap
                    let parts = hard.sorted { $0.key < $1.key }.map {
                        "\($0.key) \(used[$0.key] ?? "?") of \($0.value)"
                    }
                    return GateWords.quotation(
                        "ResourceQuota \(name): "
                            + (parts.isEmpty ? "no status yet" : parts.joined(separator: ", ")))
                }.sorted())
        } catch {
            return .unseen(why: GateWords.quotation(error.sentence))
        }
    }
}

extension KubernetesError {
    /// What a refused dry run says of the pod: 403 is RBAC's answer, and that of Pod Security, of quotas and of
    /// webhooks, and only their words tell them apart (kubernetes
    /// `staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go:ForbiddenErrorMessage`).
    fileprivate func admission(in namespace: String) -> Reading<Injectable.Admission> {
        guard let status, call?.verb == .create else {
            return .unseen(why: GateWords.quotation(sentence))
        }
        let words = GateWords.quotation(status.message)
        if status.isForbidden, words.contains("cannot create resource \"pods\"") {
            return .unseen(
                why: "pods may not be created, not even in a dry run: it takes the verb create on "
                    + "pods in namespace \(namespace)")
        }
        let isRefusal =
            status.isWebhookFailure
            || [400, 403, 422].contains(status.code) && !words.contains("does not support dry run")
        return isRefusal ? .seen(.refused(words)) : .unseen(why: GateWords.quotation(sentence))
    }
}
