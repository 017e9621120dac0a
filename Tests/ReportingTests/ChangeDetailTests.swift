import JSON
import MeshModel
import MeshPlanning
import Testing

@testable import Reporting

@Suite("What a change writes, in words")
struct ChangeDetailTests {
    @Test("labels set, changed and removed carry their sign; what stays is left out")
    func labels() {
        let change = labelChange(
            "shop", from: ["a": nil, "b": "1", "c": "1", "d": "same", "e": nil],
            to: ["a": "1", "b": "2", "c": nil, "d": "same", "e": nil])
        #expect(ChangeDetail.parts(of: change) == ["+ a=1", "~ b=1 → 2", "- c=1"])
    }

    @Test("an update names the mode, and each port by itself")
    func policyUpdate() {
        let change = policyChange(
            "shop/x", from: image(.permissive, ports: [80: .disable, 90: .strict]),
            to: image(.strict, ports: [80: .permissive, 100: .permissive]))
        #expect(
            ChangeDetail.parts(of: change) == [
                "mode PERMISSIVE → STRICT", "port 80 DISABLE → PERMISSIVE", "- port 90 STRICT",
                "+ port 100 PERMISSIVE",
            ])
    }

    @Test("the labels that make a policy ours are told in a word, others one by one")
    func adoption() {
        let theirs = image(.strict, labels: ["team": "a", "old": "1"])
        let adopted = image(.strict, labels: ours.merging(["team": "a"]) { _, new in new })
        let change = policyChange("shop/default", from: theirs, to: adopted, isAdopted: true)
        #expect(ChangeDetail.parts(of: change) == ["adopted", "- old=1"])
        let back = policyChange("shop/default", from: adopted, to: theirs, isAdopted: true)
        #expect(ChangeDetail.parts(of: back) == ["handed back to its owner", "+ old=1"])
    }

    @Test("parts of a spec that meshctl does not know are not passed over")
    func otherFields() {
        var after = image(.strict)
        after.spec["targetRefs"] = ["x"]
        let change = policyChange("shop/default", from: image(.strict), to: after)
        #expect(ChangeDetail.parts(of: change) == ["other fields of the spec"])
    }

    @Test("a deletion says what goes")
    func deletion() {
        let change = policyChange(
            "shop/x", from: image(.disable, ports: [80: .strict], selector: ["b": "2", "a": "1"]),
            to: nil)
        #expect(
            ChangeDetail.parts(of: change) == ["was mode DISABLE, port 80 STRICT, selector a=1,b=2"]
        )
    }
}
