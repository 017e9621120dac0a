import JSON
import KubernetesClient
import MeshModel
package import MeshPlanning

extension Policy15008: SampledGate {
    package func sample(with reader: GateReader) async -> Sample {
        Sample(state: reader.state, foreign: await Self.foreignPolicies(reader))
    }

    /// Network plugins' own policies, by the resources that the API server serves.
    private static func foreignPolicies(_ reader: GateReader) async -> Reading<[ForeignPolicies]> {
        let client = reader.client
        let versions: [(group: String, version: String)]
        do throws(KubernetesError) {
            versions = try await client.foreignGroups()
        } catch {
            return .unseen(why: GateWords.quotation(error.sentence))
        }
        let found = await reader.each(versions) { group, version in
            await client.networkPolicyResources(group: group, version: version)
        }
        var resources: [KubernetesResource] = []
        for answer in found {
            switch answer {
            case .seen(let more): resources += more
            case .unseen(let why): return .unseen(why: why)
            }
        }
        let sorted = resources.sorted { $0.text < $1.text }
        let names = await reader.each(sorted) { await client.names(of: $0) }
        return .seen(
            zip(sorted, names).map { ForeignPolicies(resource: $0.text, names: $1) })
    }
}

extension KubernetesClient {
    /// Groups that may hold a network plugin's policies, each in the version that the server prefers.
    fileprivate func foreignGroups() async throws(KubernetesError) -> [(
        group: String, version: String
    )] {
        let list = try await document(path: "/apis")
        return (list["groups"]?.array ?? []).compactMap { group in
            guard let name = group["name"]?.string, Self.mayHoldPolicies(name),
                let version = group[path: "preferredVersion", "version"]?.string
            else { return nil }
            return (name, version)
        }
    }

    /// Kubernetes' own groups end in `k8s.io` or have no dot; of its special interest groups' policies,
    /// `policy.networking.k8s.io` (AdminNetworkPolicy) is not read. Istio's are.
    private static func mayHoldPolicies(_ group: String) -> Bool {
        if group == "policy.networking.k8s.io" { return true }
        return group.contains(".") && !group.hasSuffix(".k8s.io") && !group.hasSuffix(".istio.io")
    }

    /// Every kind that calls itself a network policy, such as Cilium's, Calico's and Antrea's do; not Calico's
    /// staged ones, which hold nothing back.
    fileprivate func networkPolicyResources(
        group: String, version: String
    ) async -> Reading<[KubernetesResource]> {
        do throws(KubernetesError) {
            let list = try await document(path: "/apis/\(group)/\(version)")
            return .seen(
                (list["resources"]?.array ?? []).compactMap { entry in
                    guard let plural = entry["name"]?.string, !plural.contains("/"),
                        let kind = entry["kind"]?.string, kind.hasSuffix("NetworkPolicy"),
                        !kind.hasPrefix("Staged")
                    else { return nil }
                    return KubernetesResource(
                        group: group, version: version, plural: plural, kind: kind,
                        isNamespaced: entry["namespaced"]?.bool ?? true)
                })
        } catch {
            return .unseen(why: GateWords.quotation(error.sentence))
        }
    }

    fileprivate func names(of resource: KubernetesResource) async -> Reading<[String: [String]]> {
        do throws(KubernetesError) {
            let found = try await list(resource, decoder: .json(NamedObject.self))
            let objects = (found?.items ?? []).map(\.metadata)
            return .seen(
                Dictionary(grouping: objects) { $0.namespace ?? "" }
                    .mapValues { $0.compactMap(\.name).sorted() })
        } catch {
            guard error.status?.isForbidden == true else {
                return .unseen(why: GateWords.quotation(error.sentence))
            }
            return .unseen(why: "they may not be listed")
        }
    }

    private func document(path: String) async throws(KubernetesError) -> JSONValue {
        let response = try await rawGet(path: path, accept: "application/json")
        guard let value = try? JSONValue(parsing: response.body) else {
            throw .malformed(
                "it is not JSON", APICall(.get, server: settings.server.description, path: path))
        }
        return value
    }
}

private struct NamedObject: Decodable, Sendable {
    struct Metadata: Decodable, Sendable {
        var name: String?
        var namespace: String?
    }

    var metadata: Metadata
}
