import JSON
import KubernetesClient
import MeshCluster
import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

@Suite("Asking from a short-lived pod")
struct ProbeRequestSamplingTests {
    private static let pods = "/api/v1/namespaces/shop/pods"
    private static let pod = pods + "/meshctl-probe-x1"
    private static let log = """
        2026-09-21T14:13:25.1Z \n2026-09-21T14:13:25.2Z meshctl-probe: status 200\n
        """

    private static func object(
        _ name: String = "meshctl-probe-x1", created: String = "2026-09-21T14:13:20Z",
        annotations: String = "{}", status: String = #"{"phase":"Pending"}"#
    ) -> String {
        """
        {"kind": "Pod", "metadata": {"name": "\(name)", "namespace": "shop",
          "creationTimestamp": "\(created)", "annotations": \(annotations)},
         "spec": {"activeDeadlineSeconds": 125, "nodeName": "n1",
          "containers": [{"name": "probe"}]}, "status": \(status)}
        """
    }

    /// The sidecar still runs when curl has ended.
    private static func ended(_ code: Int) -> String {
        """
        {"phase": "Running", "containerStatuses": [
          {"name": "istio-proxy", "state": {"running": {}}},
          {"name": "probe", "state": {"terminated": {"exitCode": \(code)}}}]}
        """
    }

    private static let list = #"{"kind":"PodList","metadata":{},"items":[]}"#
    private static let forbidden = AnsweringCluster.status(403, "Forbidden", "pods is forbidden")

    private func probe(_ expects: ProbeRequest.Expectation = .success) -> ProbeRequest {
        ProbeRequest(
            namespace: "shop", image: "curlimages/curl", serviceAccount: "web",
            url: "http://cart:80/$(HOME)", expects: expects, timeoutMilliseconds: 5500)
    }

    /// The answers besides `changes`: a pod that ends well after two seconds.
    private func sampled(
        _ probe: ProbeRequest? = nil, on state: MeshState = mesh(namespace("shop")),
        _ changes: @escaping AnsweringCluster.Answer = { _, _ in nil }
    ) async throws -> (ProbeRequest.Sample, [AnsweringCluster.Request]) {
        let cluster = AnsweringCluster(JumpingClock()) { now, line in
            if let changed = changes(now, line) { return changed }
            switch line {
            case "POST \(Self.pods)": return (201, Self.object())
            case "GET \(Self.pods)": return (200, Self.list)
            case "GET \(Self.pod)":
                let isDone = now >= JumpingClock.start + .seconds(2)
                return (200, isDone ? Self.object(status: Self.ended(0)) : Self.object())
            case "GET \(Self.pod)/log": return (200, Self.log)
            case "DELETE \(Self.pod)": return (200, Self.object())
            default: return nil
            }
        }
        let sample = await (probe ?? self.probe()).sample(with: try cluster.reader(state))
        return (sample, cluster.requests)
    }

    private func why(_ sample: ProbeRequest.Sample) -> String {
        if case .unseen(let why) = sample.outcome { why } else { "seen" }
    }

    private func deleted(_ requests: [AnsweringCluster.Request]) -> [String] {
        requests.map(\.line).filter { $0.hasPrefix("DELETE") }
    }

    @Test(
        "the pod is created, waited for, read and deleted; a sidecar that runs on is not waited for"
    )
    func whole() async throws {
        let (sample, requests) = try await sampled()
        #expect(sample.outcome == .seen(ProbeOutcome(exitCode: 0, status: 200)))
        #expect(sample.notes == [])
        let lines = requests.map { String($0.line.prefix { $0 != "?" }) }
        #expect(lines.first == "POST \(Self.pods)")
        #expect(lines.filter { $0 == "GET \(Self.pod)" }.count == 9)
        #expect(
            lines.suffix(3) == ["GET \(Self.pod)/log", "GET \(Self.pods)", "DELETE \(Self.pod)"])
        #expect(
            requests.first { $0.line.hasPrefix("GET \(Self.pods)?") }?.line.contains(
                "labelSelector=app.kubernetes.io%2Fmanaged-by%3Dmeshctl%2Cmeshctl.dev%2Fprobe%3Dtrue"
            )
                == true)
    }

    @Test("the pod is one that Pod Security's restricted level lets in, and holds no credentials")
    func restricted() async throws {
        let requests = try await sampled().1
        let pod = try JSONValue(parsing: Array(try #require(requests.first).body.utf8))
        #expect(pod[path: "metadata", "generateName"] == "meshctl-probe-")
        #expect(pod[path: "metadata", "name"] == nil)
        let spec = try #require(pod["spec"])
        #expect(spec["restartPolicy"] == "Never")
        #expect(spec["activeDeadlineSeconds"] == 126)
        #expect(spec["automountServiceAccountToken"] == false)
        #expect(spec["serviceAccountName"] == "web")
        #expect(spec[path: "securityContext", "runAsNonRoot"] == true)
        #expect(spec[path: "securityContext", "seccompProfile", "type"] == "RuntimeDefault")
        let container = try #require(spec["containers"]?.array?.first)
        #expect(container["image"] == "curlimages/curl")
        #expect(container["env"] == nil && spec["volumes"] == nil)
        #expect(container[path: "securityContext", "allowPrivilegeEscalation"] == false)
        #expect(container[path: "securityContext", "capabilities", "drop"] == ["ALL"])
        #expect(container[path: "resources", "limits", "memory"] != nil)
    }

    @Test(
        "curl asks one URL, for a limited time, without what the image or Kubernetes would change")
    func command() async throws {
        func command(_ expects: ProbeRequest.Expectation) async throws -> [String] {
            let requests = try await sampled(probe(expects)).1
            let pod = try JSONValue(parsing: Array(try #require(requests.first).body.utf8))
            let container = pod[path: "spec", "containers"]?.array?.first
            return (container?["command"]?.array ?? []).compactMap(\.string)
        }
        let success = try await command(.success)
        #expect(success.prefix(2) == ["curl", "--disable"])
        #expect(success.suffix(2) == ["--url", "http://cart:80/$$(HOME)"])
        #expect(success.joined(separator: " ").contains("--max-time 5.500 --output /dev/null "))
        #expect(
            try await command(.refused).joined(separator: " ")
                .contains("--output - --max-filesize 65536 "))
    }

    @Test("a pod that does not start in time is deleted, and says what it waited for")
    func deadline() async throws {
        let waiting = """
            {"phase": "Pending", "containerStatuses": [{"name": "probe", "state":
              {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}]}
            """
        let (sample, requests) = try await sampled { _, line in
            line == "GET \(Self.pod)" ? (200, Self.object(status: waiting)) : nil
        }
        #expect(
            why(sample) == "the pod did not end in time: ImagePullBackOff: no such image")
        #expect(deleted(requests) == ["DELETE \(Self.pod)"])
        // 65.5 seconds, and a look each quarter of one.
        #expect(requests.filter { $0.line == "GET \(Self.pod)" }.count == 263)
    }

    @Test("a pod that fails, disappears, or cannot be read is deleted all the same")
    func failures() async throws {
        let evicted = #"{"phase": "Failed", "reason": "Evicted", "message": "low on memory"}"#
        let gone = """
            {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound",
             "message": "gone", "details": {"kind": "pods", "name": "meshctl-probe-x1"}, "code": 404}
            """
        let cases: [(String, (Int, String), String)] = [
            ("GET \(Self.pod)", (200, Self.object(status: evicted)), "Evicted: low on memory"),
            (
                "GET \(Self.pod)", (200, Self.object(status: #"{"phase": "Succeeded"}"#)),
                "without curl's exit code"
            ),
            ("GET \(Self.pod)", (404, gone), "somebody else deleted the pod"),
            ("GET \(Self.pod)", (403, Self.forbidden), "get on pods/log, in namespace shop"),
            ("GET \(Self.pod)/log", (403, Self.forbidden), "get on pods/log, in namespace shop"),
            ("GET \(Self.pod)/log", (500, "broken"), "500"),
        ]
        for (line, answer, words) in cases {
            let (sample, requests) = try await sampled { $1 == line ? answer : nil }
            #expect(why(sample).contains(words), "\(why(sample))")
            #expect(deleted(requests) == ["DELETE \(Self.pod)"], "\(line)")
        }
    }

    @Test("an interrupted run deletes its pod")
    func interrupted() async throws {
        let cluster = AnsweringCluster(JumpingClock()) { _, line in
            switch line {
            case "POST \(Self.pods)":
                withUnsafeCurrentTask { $0?.cancel() }
                return (201, Self.object())
            case "GET \(Self.pods)": return (200, Self.list)
            case "DELETE \(Self.pod)": return (200, Self.object())
            default: return nil
            }
        }
        let reader = try cluster.reader(mesh(namespace("shop")))
        let probe = probe()
        let sample = await Task { await probe.sample(with: reader) }.value
        #expect(why(sample) == "interrupted")
        #expect(deleted(cluster.requests) == ["DELETE \(Self.pod)"])
    }

    @Test("who may not create pods learns which rights it takes, and nothing else is asked")
    func notPermitted() async throws {
        let (sample, requests) = try await sampled {
            $1 == "POST \(Self.pods)" ? (403, Self.forbidden) : nil
        }
        #expect(
            why(sample).contains(
                "the verbs create, get, list and delete on pods, and get on pods/log"))
        #expect(requests.count == 1)
    }

    @Test("pods of processes that ended before they could delete them are deleted, and no others")
    func leftBehind() async throws {
        let old = Self.object("meshctl-probe-old", created: "2026-09-21T14:10:00Z")
        let other = Self.object("meshctl-probe-other", created: "2026-09-21T14:12:00Z")
        let (sample, requests) = try await sampled { _, line in
            switch line {
            case "GET \(Self.pods)":
                (
                    200,
                    #"{"kind":"PodList","metadata":{},"items":[\#(old),\#(other),\#(Self.object())]}"#
                )
            case "DELETE \(Self.pods)/meshctl-probe-old": (200, old)
            default: nil
            }
        }
        #expect(sample.notes == [])
        #expect(
            deleted(requests) == ["DELETE \(Self.pod)", "DELETE \(Self.pods)/meshctl-probe-old"])
    }

    @Test("a pod that cannot be deleted is named, and the answer still counts")
    func notDeleted() async throws {
        let (sample, _) = try await sampled {
            $1 == "DELETE \(Self.pod)" || $1 == "GET \(Self.pods)" ? (403, Self.forbidden) : nil
        }
        #expect(sample.outcome.value?.status == 200)
        #expect(
            sample.notes.map { String($0.prefix { $0 != ":" }) } == [
                "whether earlier probes left pods is not known",
                "pod shop/meshctl-probe-x1 is left behind",
            ])
    }

    @Test("in an ambient namespace, a pod that was never seen captured is told apart")
    func capture() async throws {
        let ambient = mesh(namespace("shop", labels: ["istio.io/dataplane-mode": "ambient"]))
        let missed = try await sampled(on: ambient).0.outcome.value?.missedDataplane
        #expect(missed == "the pod was not seen to be captured by the ambient mesh")
        // istio-cni takes the annotation away once the pod has ended.
        let seen = try await sampled(on: ambient) { now, line in
            guard line == "GET \(Self.pod)", now == JumpingClock.start + .seconds(1) else {
                return nil
            }
            let captured = #"{"ambient.istio.io/redirection": "enabled"}"#
            return (200, Self.object(annotations: captured, status: #"{"phase":"Running"}"#))
        }.0.outcome.value
        #expect(seen == ProbeOutcome(exitCode: 0, status: 200))
    }

    @Test("where new pods are to have a sidecar, one without is told apart")
    func sidecar() async throws {
        let injected = mesh(
            namespace("shop", labels: ["istio-injection": "enabled"]), revisions: ["default"])
        let missed = try await sampled(on: injected).0.outcome.value?.missedDataplane
        #expect(missed?.contains("has no sidecar") == true)
    }

    @Test("a clock that stands still does not wait for ever")
    func stillClock() async throws {
        let cluster = AnsweringCluster([
            "POST \(Self.pods)": (201, Self.object()), "GET \(Self.pod)": (200, Self.object()),
            "DELETE \(Self.pod)": (200, Self.object()), "GET \(Self.pods)": (200, Self.list),
        ])
        let sample = await probe().sample(with: try cluster.reader(mesh(namespace("shop"))))
        #expect(why(sample).hasPrefix("the pod did not end"))
        #expect(deleted(cluster.requests) == ["DELETE \(Self.pod)"])
    }
}
