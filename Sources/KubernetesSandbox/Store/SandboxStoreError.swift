/// Why a sandbox's contents cannot be opened or kept.
package enum SandboxStoreError: Error, Sendable, Equatable {
    /// No scenario has this name.
    case unknownSandbox(name: String, known: [String])
    /// Another process has it open.
    case inUse(name: String, holder: SandboxLock.Holder?)
    /// The file is there and is not a sandbox's, or is broken. It is never replaced silently.
    case damaged(path: String, why: String)
    /// Written by a later version of meshctl.
    case newer(path: String, version: Int)
    /// The file system refuses.
    case io(path: String, why: String)
    case scenario(ScenarioError)
}
