import MeshModel
import Testing

@Suite("Label selectors of the injector")
struct InjectionSelectorTests {
    @Test("each operator matches as Kubernetes' selectors do")
    func operators() {
        let labels = ["tier": "web"]
        func selects(_ requirement: InjectionSelector.Requirement) -> Bool {
            InjectionSelector(matchExpressions: [requirement]).selects(labels)
        }
        #expect(selects(.isIn(key: "tier", values: ["web", "db"])))
        #expect(!selects(.isIn(key: "tier", values: ["db"])))
        #expect(!selects(.isIn(key: "absent", values: ["web"])))
        #expect(!selects(.isNotIn(key: "tier", values: ["web"])))
        #expect(selects(.isNotIn(key: "tier", values: ["db"])))
        #expect(selects(.isNotIn(key: "absent", values: ["web"])))
        #expect(selects(.exists(key: "tier")))
        #expect(!selects(.exists(key: "absent")))
        #expect(selects(.doesNotExist(key: "absent")))
        #expect(!selects(.doesNotExist(key: "tier")))
    }

    @Test("labels and expressions must all match")
    func conjunction() {
        let selector = InjectionSelector(
            matchLabels: ["tier": "web"], matchExpressions: [.exists(key: "app")])
        #expect(selector.selects(["tier": "web", "app": "cart"]))
        #expect(!selector.selects(["tier": "web"]))
        #expect(!selector.selects(["app": "cart"]))
    }
}
