import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Flows that lose or gain the identity that an AuthorizationPolicy asks for")
struct AuthorizationLosesIdentityTests {
    private func found(
        _ policy: AuthorizationPolicy, client: PodDataplane, _ entry: NamespaceEntry
    ) -> [Diagnostic] {
        let state = mesh(
            namespace("web", labels: client == .ambient ? ambientLabels : [:]),
            namespace("shop", labels: ambientLabels),
            deployment("web/front", labels: ["app": "front"], plane: client),
            deployment("shop/cart", labels: ["app": "cart"], plane: .ambient)
        ).with(
            [service("shop/cart")], around: Surroundings(authorizationPolicies: [policy]))
        return told(
            by: AuthorizationLosesIdentity.self, plan(entry), on: state,
            [flow("web/front", "shop/cart", 80, .sure)])
    }

    static let asking = authorization("shop/p", identity: ["principals"])

    @Test("a client that leaves the mesh loses its identity")
    func loses() throws {
        let found = found(Self.asking, client: .ambient, entry("web", DesiredDataplane.none))
        let only = try #require(found.first)
        #expect(only.code == .authzIdentityLost && only.severity == .warning)
        #expect(only.message.contains("web/deployment/front->shop/service/cart:80"))
        #expect(only.message.contains("without a mesh identity"))
        #expect(only.detail.contains("shop/p decides by principals"))
    }

    @Test("a client that joins gains one")
    func gains() {
        let found = found(Self.asking, client: .none, entry("web", .ambient))
        #expect(found.count == 1)
        #expect(found.first?.message.contains("would come with a mesh identity") == true)
    }

    @Test("nothing changes for a flow that keeps its identity, or where nobody asks")
    func keeps() {
        #expect(found(Self.asking, client: .ambient, entry("shop", mtls: .strict)).isEmpty)
        let other = authorization("shop/p", http: ["methods"])
        #expect(found(other, client: .none, entry("web", .ambient)).isEmpty)
        let elsewhere = authorization("shop/p", selector: ["app": "db"], identity: ["principals"])
        #expect(found(elsewhere, client: .none, entry("web", .ambient)).isEmpty)
    }
}
