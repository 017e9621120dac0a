import Testing

@testable import KubernetesClient

@Suite("Paths and queries")
struct URLPathTests {
    @Test("core and grouped resources, cluster-scoped and namespaced")
    func paths() {
        #expect(
            URLPath.collection(.pods, namespace: nil) == "/api/v1/pods")
        #expect(
            URLPath.collection(.pods, namespace: "shop", name: "web-0")
                == "/api/v1/namespaces/shop/pods/web-0")
        #expect(
            URLPath.collection(.namespaces, namespace: nil, name: "shop")
                == "/api/v1/namespaces/shop")
        #expect(
            URLPath.collection(.peerAuthentications, namespace: "shop", name: "default")
                == "/apis/security.istio.io/v1/namespaces/shop/peerauthentications/default")
    }

    @Test("names with odd characters are encoded")
    func encoding() {
        #expect(
            URLPath.collection(.pods, namespace: "a b", name: "x?y#z:é")
                == "/api/v1/namespaces/a%20b/pods/x%3Fy%23z%3A%C3%A9")
        #expect(
            URLPath.query([("labelSelector", "app in (a,b)"), ("limit", "500")])
                == "?labelSelector=app%20in%20%28a%2Cb%29&limit=500")
        #expect(URLPath.query([]) == "")
    }

    @Test(
        "a name that would lead elsewhere has no path",
        arguments: ["", ".", "..", "a/b", "../secrets", "a%2fb"])
    func escapes(name: String) {
        #expect(URLPath.collection(.pods, namespace: "shop", name: name) == nil)
        #expect(URLPath.collection(.pods, namespace: name, name: "web") == nil)
    }

    @Test("scope and namespace have to agree")
    func scope() {
        #expect(URLPath.collection(.namespaces, namespace: "shop", name: "x") == nil)
        #expect(URLPath.collection(.pods, namespace: nil, name: "web") == nil)
    }

    @Test("objects and collections are named as the API server names them")
    func texts() {
        #expect(
            ObjectPath(.peerAuthentications, namespace: "shop", name: "default").text
                == "peerauthentications.security.istio.io shop/default")
        #expect(ObjectPath(.namespaces, name: "shop").text == "namespaces shop")
        let call = APICall(.list, server: "", resource: .pods, namespace: "shop", path: "")
        #expect(call.target == "pods in shop")
    }
}
