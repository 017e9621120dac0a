import Diagnostics
import KubernetesSandbox
import Timing

/// A small cluster and a plan for it, drawn from a number.
struct StoryVariant: Sendable {
    let number: Int
    /// Namespaces that the plan is about.
    let namespaces: [String]
    let scenarioText: String
    let planText: String

    /// How many there are. Their number is small so that what they cost is paid once for many seeds.
    static let count = 24

    /// A namespace that is in no plan, for other people's things.
    static let elsewhere = "elsewhere"

    init(number: Int) {
        self.number = number
        var random = SeededRandom(seed: UInt64(number) &* 0x5851_F42D_4C95_7F2D)
        let isAmbient = number % 2 == 0
        let isMeshWide = random.oneIn(2)
        let startsInMesh = random.oneIn(3)
        let names = random.oneIn(3) ? ["back", "shop"] : ["shop"]
        namespaces = names
        var writer = Writer(isAmbient: isAmbient, startsInMesh: startsInMesh)
        for (place, name) in names.enumerated() {
            let isLast = place == names.count - 1
            writer.addNamespace(
                name, hasFront: isLast, calls: place > 0 ? names[place - 1] : nil, &random)
        }
        scenarioText = writer.scenario(number)
        planText = writer.plan(isMeshWide: isMeshWide, hasWaves: names.count > 1 && random.oneIn(2))
    }

    func cluster() throws -> SandboxCluster {
        let source = SourceText(name: "variant-\(number).yaml", text: scenarioText)
        return try SandboxCluster(Scenario(source), seed: UInt64(number) + 1)
    }
}

extension StoryVariant {
    private struct Writer {
        let isAmbient: Bool
        let startsInMesh: Bool
        var names: [String] = []
        var spaces = ""
        var traffic = ""
        var entries = ""

        private var label: String {
            isAmbient ? "istio.io/dataplane-mode: ambient" : "istio-injection: enabled"
        }

        /// - Parameters:
        ///   - hasFront: a workload that somebody outside the mesh calls in plaintext.
        ///   - calls: a namespace whose `api` is called.
        mutating func addNamespace(
            _ name: String, hasFront: Bool, calls other: String?, _ random: inout SeededRandom
        ) {
            names.append(name)
            spaces += "  \(name):\n"
            if startsInMesh { spaces += "    labels: {\(label)}\n" }
            spaces += "    workloads:\n"
            spaces += workload("api", port: 8080, replicas: 1 + random.below(2))
            entries += "    - name: \(name)\n"
            entries += "      dataplane: \(isAmbient ? "ambient" : "sidecar")\n"
            entries += "      mtls: STRICT\n"
            if let other {
                traffic += flow("{namespace: \(name), workload: api}", other, "api", 8080)
            }
            guard hasFront else { return }
            spaces += workload("front", port: 3000, replicas: 1 + random.below(2))
            traffic += flow("{namespace: \(name), workload: front}", name, "api", 8080)
            traffic += flow("{namespace: outside, workload: tunnel}", name, "front", 3000)
            entries += """
                      exceptions:
                        - name: front
                          selector: {app: front}
                          ports: {3000: PERMISSIVE}
                          reason: the tunnel is outside the mesh

                """
        }

        private func workload(_ name: String, port: Int, replicas: Int) -> String {
            """
                  \(name):
                    image: registry.example/\(name):1
                    replicas: \(replicas)
                    ports: {http: \(port)}
                    service: {ports: {http: \(port)}}

            """
        }

        private func flow(_ from: String, _ space: String, _ service: String, _ port: Int) -> String
        {
            """
              - from: \(from)
                to: {namespace: \(space), service: \(service), port: \(port)}
                perMinute: 60

            """
        }

        func scenario(_ number: Int) -> String {
            """
            kind: SandboxScenario
            name: variant-\(number)
            summary: drawn by the simulator
            start: 2026-11-20T09:00:00Z
            nodes: [node-1]
            istio: {version: 1.24.0, ambient: \(isAmbient)}
            namespaces:
            \(spaces)  outside:
                workloads:
                  tunnel:
                    image: registry.example/tunnel:1
              \(StoryVariant.elsewhere): {}
              kube-system:
                workloads:
                  coredns:
                    labels: {k8s-app: kube-dns}
                    image: registry.example/coredns:1
                    ports: {dns: 53}
                    service: {name: kube-dns, ports: {dns-tcp: 53}}
            trafficBefore: 60
            traffic:
            \(traffic)
            """
        }

        func plan(isMeshWide: Bool, hasWaves: Bool) -> String {
            var text = """
                apiVersion: meshctl.dev/v1alpha1
                kind: MeshPlan
                metadata: {name: story}
                spec:

                """
            if isMeshWide { text += "  mesh: {mtls: STRICT}\n" }
            text += "  namespaces:\n"
            text +=
                hasWaves
                ? entries.replacing(
                    "    - name: \(names[0])\n",
                    with: "    - name: \(names[0])\n      wave: first\n")
                : entries
            text += "  rollout:\n"
            if hasWaves { text += "    waves: [first]\n" }
            text += "    settle: 5s\n  gates:\n    no-plaintext: {window: 20s}\n    accept:\n"
            for name in names {
                text += """
                        - gate: no-plaintext
                          namespace: \(name)
                          reason: not everything is called
                          owner: story
                          expires: 2027-11-30

                    """
            }
            return text
        }
    }
}
