import Foundation
import Testing

/// `docs/architecture.md` has the drawing; these hold the code to it.
@Suite("The code keeps to docs/architecture.md")
struct ArchitectureTests {
    /// No I/O, no clock, no randomness: what they say depends on their input alone.
    static let pureTargets: Set = [
        "Diagnostics", "JSON", "Timing", "MeshModel", "Telemetry", "MeshResources", "MeshPlanning",
        "PlanDecoding",
    ]
    /// Their time, waiting and chance come through seams, so that a test can replay them.
    static let deterministicTargets: Set = ["MeshApply", "MeshCluster", "KubernetesClient"]

    /// Modules of the toolchain and the system, which the table leaves out.
    static let toolchain: Set = [
        "Foundation", "FoundationEssentials", "FoundationNetworking", "Glibc", "Musl", "Darwin",
        "Dispatch", "Synchronization", "RegexBuilder", "Swift",
    ]

    @Test("the table, Package.swift and the folders of Sources name the same targets")
    func targets() throws {
        let documented = try TargetTable.documented().map(\.name)
        #expect(documented.sorted() == (try Repository.targets()))
        #expect(documented.sorted() == (try TargetTable.declared()).map(\.name).sorted())
    }

    @Test("Package.swift declares the dependencies that the table draws")
    func dependencies() throws {
        let declared = Dictionary(
            grouping: try TargetTable.declared(), by: \.name
        ).compactMapValues(\.first)
        for row in try TargetTable.documented() {
            #expect(declared[row.name]?.own == row.own, "\(row.name)")
            #expect(declared[row.name]?.outside == row.outside, "\(row.name)")
        }
    }

    @Test("a target lies above all that it imports")
    func layers() throws {
        let rows = try TargetTable.documented()
        let layers = Dictionary(rows.map { ($0.name, $0.layer ?? -1) }, uniquingKeysWith: max)
        #expect(rows.count > 15)
        for row in rows {
            for name in row.own {
                let below = try #require(layers[name], "\(row.name) imports \(name)")
                #expect(below < layers[row.name] ?? -1, "\(row.name) imports \(name)")
            }
        }
    }

    @Test("no file imports more than its target may")
    func imports() throws {
        for row in try TargetTable.documented() {
            let allowed = row.own.union(row.outside).union(Self.toolchain)
            for file in try Repository.sources(of: row.name) {
                #expect(Set(file.imports).subtracting(allowed) == [], "\(file.path)")
            }
        }
    }

    @Test("each C library is imported by one target")
    func systemLibraries() throws {
        let libraries = try TargetTable.documented().map(\.name).filter { $0.hasPrefix("C") }
            .filter { try Repository.sources(of: $0).isEmpty }
        #expect(Set(libraries) == ["CLibYAML", "CCurl", "CFaultVFS", "CZlib"])
        for library in libraries {
            let importers = try Repository.targets().filter { target in
                try Repository.sources(of: target).contains { $0.imports.contains(library) }
            }
            #expect(importers.count <= 1, "\(library): \(importers)")
            let declaring = try TargetTable.declared().filter { $0.own.contains(library) }
            #expect(declaring.count == 1, "\(library): \(declaring.map(\.name))")
        }
    }

    @Test("pure targets do no I/O and know no clock and no chance", arguments: pureTargets.sorted())
    func purity(target: String) throws {
        let files = try Repository.sources(of: target)
        #expect(!files.isEmpty)
        for file in files {
            #expect(
                Set(file.imports).intersection(Self.toolchain).subtracting(["Foundation"]) == [],
                "\(file.path)")
            for token in Self.effects + Self.chance {
                #expect(file.lines(with: token) == [], "\(token) in \(file.path)")
            }
        }
    }

    @Test(
        "client and engine take time and chance from seams",
        arguments: deterministicTargets.sorted())
    func determinism(target: String) throws {
        for file in try Repository.sources(of: target) {
            #expect(!file.imports.contains("Dispatch"), "\(file.path)")
            for token in Self.chance {
                #expect(file.lines(with: token) == [], "\(token) in \(file.path)")
            }
        }
    }

    @Test(
        "client and engine start no task of their own: a simulator has to have them on its thread",
        arguments: deterministicTargets.sorted())
    func structure(target: String) throws {
        for file in try Repository.sources(of: target)
        where !file.path.hasSuffix("ProbeRequest+Sampling.swift") {
            for token in ["Task {", "Task(", "Task.detached"] {
                #expect(file.lines(with: token) == [], "\(token) in \(file.path)")
            }
        }
    }

    static let effects = [
        "FileManager", "FileHandle", "ProcessInfo", "Process(", "URLSession", "Data(contentsOf",
        "String(contentsOf", "print(", "debugPrint(", "dump(", "getenv(", "exit(", "Bundle",
    ]

    static let chance = [
        "Date()", "Date.now", "UUID()", "Task.sleep", "Thread.sleep", "ContinuousClock",
        "SuspendingClock", "SystemRandomNumberGenerator", ".random(", ".randomElement(",
        ".shuffled(", "arc4random", "Task.detached", "DispatchQueue", "DispatchSource",
        "clock_gettime", "gettimeofday",
    ]
}
