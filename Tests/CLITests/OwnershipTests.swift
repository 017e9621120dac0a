import JSON
import Testing

/// Whose an object is, and what meshctl does with somebody else's.
@Suite("Ownership")
struct OwnershipTests {
    private static func plan(_ entry: String, name: String = "own") -> String {
        """
        apiVersion: meshctl.dev/v1alpha1
        kind: MeshPlan
        metadata: {name: \(name)}
        spec:
          namespaces:
            - \(entry)
          rollout: {settle: 0s}
          gates:
            no-plaintext: {window: 1s}
            accept:
              - {gate: no-plaintext, namespace: default, reason: silent, owner: me, expires: 2027-11-30}
              - {gate: no-plaintext, namespace: media, reason: silent, owner: me, expires: 2027-11-30}
        """
    }

    private static let someoneElses: JSONValue = ["mtls": ["mode": "PERMISSIVE"]]

    @Test("a policy that kubectl made needs adoption, and the line to write is printed")
    func adoptionNeeded() async throws {
        let plan = Self.plan("{name: media, dataplane: ambient, mtls: STRICT}")
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            try sandbox.makePolicy("media/legacy", Self.someoneElses)
            let before = try sandbox.objects()
            for command in [["plan"], ["apply", "--yes"]] {
                let result = await meshctl.run(command)
                #expect(result.code == 9, "\(result.errors)")
                #expect(result.output.contains("PeerAuthentication media/legacy"))
                #expect(result.output.contains("adopt: true"))
                #expect(result.output.contains("plans/plan.yaml:6:"))
            }
            #expect(try sandbox.objects() == before)
        }
    }

    @Test("an adopted policy is changed in place under its name, and comes back exactly")
    func adopted() async throws {
        let plan = Self.plan("{name: media, dataplane: ambient, mtls: STRICT, adopt: true}")
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            try sandbox.makePolicy(
                "media/legacy", Self.someoneElses, labels: ["team": "tv"],
                annotations: ["note": "do not touch"])
            let before = try sandbox.promised()
            let others = try sandbox.others(than: ["media"])
            let apply = await meshctl("apply", "--yes")
            #expect(apply.code == 0, "\(apply.output)\(apply.errors)")
            let ours = try #require(try sandbox.get(LiveSandbox.policy("media/legacy")))
            #expect(ours["spec"] == ["mtls": ["mode": "STRICT"]])
            #expect(ours[path: "metadata", "labels"] == ["team": "tv"])
            #expect(ours[path: "metadata", "annotations"] == ["note": "do not touch"])
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)
            #expect(await meshctl("rollback", "--yes").code == 0)
            #expect(try sandbox.promised() == before)
            #expect(try sandbox.others(than: ["media"]) == others)
        }
    }

    @Test("an adopted exception keeps the spec keys that the plan does not speak of")
    func adoptedException() async throws {
        let exception = """
            {name: media, dataplane: ambient, mtls: STRICT, exceptions: [
                    {name: tv, selector: {app: jellyfin}, ports: {8096: PERMISSIVE}, reason: old TVs,
                     adopt: true}]}
            """
        try await LiveSandbox.with("home-cluster", plan: Self.plan(exception)) { meshctl, sandbox in
            let selector: JSONValue = ["matchLabels": ["app": "jellyfin"]]
            try sandbox.makePolicy(
                "media/tv-port",
                [
                    "selector": selector, "mtls": ["mode": "PERMISSIVE"],
                    "portLevelMtls": ["8096": ["mode": "DISABLE"]],
                ], labels: ["team": "tv"])
            let before = try sandbox.promised()
            let apply = await meshctl("apply", "--yes")
            #expect(apply.code == 0, "\(apply.output)\(apply.errors)")
            let ours = try #require(try sandbox.get(LiveSandbox.policy("media/tv-port")))
            #expect(
                ours["spec"] == [
                    "selector": selector, "mtls": ["mode": "STRICT"],
                    "portLevelMtls": ["8096": ["mode": "PERMISSIVE"]],
                ])
            #expect(ours[path: "metadata", "labels"] == ["team": "tv"])
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)
            let rollback = await meshctl("rollback", "--yes")
            #expect(rollback.code == 0, "\(rollback.errors)")
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("another plan's policy is not touched")
    func otherPlan() async throws {
        let plan = Self.plan("{name: media, dataplane: ambient, mtls: STRICT, adopt: true}")
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            #expect(await meshctl("apply", "--yes").code == 0)
            try meshctl.write(
                Self.plan("{name: media, mtls: PERMISSIVE, adopt: true}", name: "second"),
                to: "plans/plan.yaml")
            let before = try sandbox.objects()
            let result = await meshctl("apply", "--yes")
            #expect(result.code == 9)
            #expect(result.output.contains("belongs to plan own"))
            #expect(try sandbox.objects() == before)
        }
    }

    @Test("a policy that Argo CD applies is not touched, even with adopt")
    func reconciled() async throws {
        let plan = Self.plan("{name: media, dataplane: ambient, mtls: STRICT, adopt: true}")
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            try sandbox.makePolicy(
                "media/default", Self.someoneElses, manager: "argocd-controller")
            let before = try sandbox.objects()
            let result = await meshctl("apply", "--yes")
            #expect(result.code == 9)
            #expect(result.output.contains("argocd-controller"))
            #expect(try sandbox.objects() == before)
        }
    }

    @Test(
        "a namespace label that a reconciler holds is not touched; a person's is",
        arguments: [("helm", 9), ("argocd-application-controller", 9), ("kubectl-label", 0)])
    func label(manager: String, code: Int32) async throws {
        let plan = Self.plan("{name: media, dataplane: ambient}")
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            try sandbox.patch(
                LiveSandbox.namespace("media"),
                ["metadata": ["labels": ["istio.io/dataplane-mode": "none"]]], manager: manager)
            let before = try sandbox.promised()
            let result = await meshctl("apply", "--yes")
            #expect(result.code == code, "\(result.output)\(result.errors)")
            guard code == 9 else {
                #expect(await meshctl("rollback", "--yes").code == 0)
                #expect(try sandbox.promised() == before)
                return
            }
            #expect(result.output.contains(manager))
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("a policy of ours that another manager took over is named with that manager, and stays")
    func takenOver() async throws {
        let plan = Self.plan("{name: media, dataplane: ambient, mtls: STRICT}")
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            #expect(await meshctl("apply", "--stage", "permissive", "--yes").code == 0)
            try sandbox.send(
                "PATCH", LiveSandbox.policy("media/default") + "?force=true",
                [
                    "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
                    "metadata": ["name": "default", "namespace": "media"],
                    "spec": ["mtls": ["mode": "PERMISSIVE"]],
                ], type: "application/apply-patch+yaml", manager: "security-team")
            let before = try sandbox.objects()
            let result = await meshctl("apply", "--yes")
            #expect([1, 9].contains(result.code), "\(result.code)")
            #expect((result.output + result.errors).contains("security-team"))
            #expect(try sandbox.objects() == before)
        }
    }

    @Test("a manager that takes over between plan and write is a conflict that names it")
    func takenOverMeanwhile() async throws {
        let plan = Self.plan("{name: media, dataplane: ambient, mtls: STRICT}")
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            #expect(await meshctl("apply", "--stage", "permissive", "--yes").code == 0)
            let result = await meshctl.run(
                ["apply"], interactive: true,
                answer: {
                    _ = try? sandbox.send(
                        "PATCH", LiveSandbox.policy("media/default") + "?force=true",
                        [
                            "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
                            "metadata": ["name": "default", "namespace": "media"],
                            "spec": ["mtls": ["mode": "PERMISSIVE"]],
                        ], type: "application/apply-patch+yaml", manager: "security-team")
                    return "yes"
                }())
            #expect(result.code == 1, "\(result.errors)")
            #expect(result.errors.contains("security-team"), "\(result.errors)")
            #expect(result.errors.contains("nothing was changed"), "\(result.errors)")
            let policy = try #require(try sandbox.get(LiveSandbox.policy("media/default")))
            #expect(policy["spec"] == ["mtls": ["mode": "PERMISSIVE"]])
        }
    }
}
