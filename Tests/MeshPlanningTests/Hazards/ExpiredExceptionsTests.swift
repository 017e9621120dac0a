import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Exceptions past their date")
struct ExpiredExceptionsTests {
    private func result(today: String?, strictly: Bool = false) -> PlannedRollout {
        var late = exception("web", ["app": "web"], [80: .permissive])
        late.expires = CalendarDate("2027-03-31")
        late.owner = "web-team"
        return RolloutPlanner.plan(
            plan(
                entry(
                    "shop", mtls: .strict,
                    exceptions: [late, exception("b", ["app": "b"], [1: .permissive])])),
            on: mesh(
                namespace("shop", labels: sidecarLabels),
                deployment("shop/web", labels: injected("web"), plane: .sidecar)),
            options: .init(today: today.flatMap { CalendarDate($0) }, strictExpiry: strictly))
    }

    private func expired(_ result: PlannedRollout) -> [Diagnostic] {
        result.diagnostics.filter { $0.code == .expiredException }
    }

    @Test("the day after the last it is a warning, and on request blocks")
    func expired() {
        let found = expired(result(today: "2027-04-01"))
        #expect(
            found.said == ["warning: exception web of namespace shop expired on 2027-03-31"])
        #expect(found.first?.detail.contains("Ask web-team") == true)
        #expect(result(today: "2027-04-01", strictly: true).isBlocked)
        #expect(!result(today: "2027-04-01").isBlocked)
    }

    @Test("on its last day it holds, and without a date of today nothing is judged")
    func holds() {
        #expect(expired(result(today: "2027-03-31", strictly: true)) == [])
        #expect(expired(result(today: nil, strictly: true)) == [])
    }
}
