import MeshModel
import Testing

@Suite("Versions of Istio")
struct IstioVersionTests {
    @Test(
        "an image's tag names a release, with or without a variant",
        arguments: [
            ("1.24.3", IstioVersion(1, 24, 3)), ("1.27.1-distroless", IstioVersion(1, 27, 1)),
            ("v1.30.0", IstioVersion(1, 30, 0)), ("1.24.3+solo", IstioVersion(1, 24, 3)),
        ])
    func releases(text: String, version: IstioVersion) {
        #expect(IstioVersion(text) == version)
    }

    @Test(
        "what is no release has no version",
        arguments: ["", "latest", "1.24", "1.24.x", "1.-2.3", "sha256:abc", "1.2.3.4", "master"])
    func others(text: String) { #expect(IstioVersion(text) == nil) }

    @Test("numbers count, not letters")
    func order() { #expect(IstioVersion(1, 9, 9) < IstioVersion(1, 10, 0)) }

    @Test(
        "policies are merged from 1.23.5, 1.24.3 and 1.25.0 on",
        arguments: [
            ("1.22.8", true), ("1.23.4", true), ("1.23.5", false), ("1.24.0", true),
            ("1.24.2", true), ("1.24.3", false), ("1.25.0", false), ("1.30.0", false),
        ])
    func unmerged(text: String, isUnmerged: Bool) throws {
        #expect(try #require(IstioVersion(text)).convertsPoliciesUnmerged == isUnmerged)
    }
}
