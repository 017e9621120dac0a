/// A released version of Istio, `1.24.3`.
package struct IstioVersion: Sendable, Hashable, Comparable {
    package var major: Int
    package var minor: Int
    package var patch: Int

    package init(_ major: Int, _ minor: Int, _ patch: Int) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// From an image tag, `1.24.3-distroless`, or what istiod says of itself. nil for what names no release:
    /// a build of the main branch, `latest`, a digest.
    package init?(_ text: String) {
        let trimmed = text.hasPrefix("v") ? text.dropFirst() : text[...]
        let release = trimmed.prefix { $0 != "-" && $0 != "+" }
        let numbers = release.split(separator: ".", omittingEmptySubsequences: false)
            .map { Int($0) }
        guard numbers.count == 3, let major = numbers[0], let minor = numbers[1],
            let patch = numbers[2], major >= 0, minor >= 0, patch >= 0
        else { return nil }
        self.init(major, minor, patch)
    }

    package var text: String { "\(major).\(minor).\(patch)" }

    package static func < (a: IstioVersion, b: IstioVersion) -> Bool {
        (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
    }
}

extension IstioVersion {
    /// Whether istiod hands a workload's policy and the inherited STRICT to ztunnel side by side, instead of
    /// making one of both (istio pull request 54073, released with 1.23.5, 1.24.3 and 1.25.0).
    package var convertsPoliciesUnmerged: Bool {
        self < IstioVersion(1, 23, 5)
            || (self >= IstioVersion(1, 24, 0) && self < IstioVersion(1, 24, 3))
    }

    /// Whether the verdicts were compared with this release (`docs/versions.md`).
    package var isVerified: Bool {
        self >= IstioVersion(1, 23, 0) && self < IstioVersion(1, 31, 0)
    }
}
