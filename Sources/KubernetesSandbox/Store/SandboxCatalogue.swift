import Foundation
package import Timing

/// The sandboxes of a state directory.
package enum SandboxCatalogue {
    package struct Entry: Sendable, Equatable {
        package var name: String
        package var summary: String
        /// Whether it has been opened before, so that its contents are on disk.
        package var isStarted: Bool
        /// The process that has it open now.
        package var holder: SandboxLock.Holder?
        /// Its own time at the first opening.
        package var start: Timestamp
    }

    /// Every embedded scenario, and what of it is in the directory.
    package static func list(directory: String) throws(SandboxStoreError) -> [Entry] {
        var entries: [Entry] = []
        for name in Scenario.names {
            let scenario = try scenario(name)
            let holder = SandboxLock.holder(path: lockPath(name, directory))
            let path = contentsPath(name, directory)
            entries.append(
                Entry(
                    name: name, summary: scenario.summary,
                    isStarted: FileManager.default.fileExists(atPath: path), holder: holder,
                    start: scenario.start))
        }
        return entries
    }

    /// Deletes a sandbox's contents and makes them anew from the scenario, with other UIDs: a run
    /// that was journaled against the old one does not apply to the new one.
    package static func reset(name: String, directory: String) throws(SandboxStoreError) {
        _ = try scenario(name)
        try makeDirectory(directory)
        let lock = try SandboxLock(name: name, path: lockPath(name, directory))
        try withExtendedLifetime(lock) { () throws(SandboxStoreError) in
            let path = contentsPath(name, directory)
            let opening = try nextOpening(name, directory)
            SandboxStore.erase(path: path)
            let (store, _) = try SandboxStore.open(path: path) { () throws(SandboxStoreError) in
                try cluster(name, opening: opening)
            }
            store.close()
        }
    }

    /// Opens a sandbox's contents, made from its scenario at first use. The caller holds the lock.
    package static func open(
        name: String, directory: String
    ) throws(SandboxStoreError) -> (store: SandboxStore, cluster: SandboxCluster) {
        try SandboxStore.open(path: contentsPath(name, directory)) { () throws(SandboxStoreError) in
            try cluster(name, opening: try nextOpening(name, directory))
        }
    }

    /// Opens a sandbox that nobody serves, changes it or looks, and closes it again.
    ///
    /// - Throws: `SandboxStoreError`, and what `body` throws; then nothing is kept.
    package static func withCluster<T>(
        name: String, directory: String, _ body: (inout SandboxCluster) throws -> T
    ) throws -> T {
        let lock = try lock(name: name, directory: directory)
        defer { lock.release() }
        var (store, cluster) = try open(name: name, directory: directory)
        defer { store.close() }
        let result = try body(&cluster)
        try store.commit(cluster.takeFinalCommit())
        return result
    }

    package static func lock(name: String, directory: String) throws(SandboxStoreError)
        -> SandboxLock
    {
        _ = try scenario(name)
        try makeDirectory(directory)
        return try SandboxLock(name: name, path: lockPath(name, directory))
    }

    private static func scenario(_ name: String) throws(SandboxStoreError) -> Scenario {
        do throws(ScenarioError) {
            if let scenario = try Scenario.embedded(name) { return scenario }
        } catch {
            throw .scenario(error)
        }
        throw .unknownSandbox(name: name, known: Scenario.names)
    }

    private static func cluster(
        _ name: String, opening: UInt64
    ) throws(SandboxStoreError) -> SandboxCluster {
        let scenario = try scenario(name)
        do throws(ScenarioError) {
            return try SandboxCluster(scenario, seed: seed(name, opening))
        } catch {
            throw .scenario(error)
        }
    }

    /// FNV-1a of the name and the opening's number.
    private static func seed(_ name: String, _ opening: UInt64) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(name)#\(opening)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01B3 }
        return hash
    }

    /// How often this sandbox has been made in the directory, kept beside it so that no two of its
    /// lives share a UID, not even when its contents were deleted by hand.
    private static func nextOpening(
        _ name: String, _ directory: String
    ) throws(SandboxStoreError) -> UInt64 {
        let path = directory + "/sandbox-\(name).count"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let next = (UInt64(text.trimmingASCIISpace) ?? 0) &+ 1
        do {
            try String(next).write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: path)
        } catch {
            throw .io(path: path, why: error.localizedDescription)
        }
        return next
    }

    private static func makeDirectory(_ directory: String) throws(SandboxStoreError) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw .io(path: directory, why: error.localizedDescription)
        }
    }

    package static func contentsPath(_ name: String, _ directory: String) -> String {
        directory + "/sandbox-\(name).db"
    }

    private static func lockPath(_ name: String, _ directory: String) -> String {
        directory + "/sandbox-\(name).lock"
    }
}
