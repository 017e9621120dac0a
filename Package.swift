// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target; `docs/contributing.md` says why each upcoming feature is on.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")

func layer(
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// C of our own. Its folder in Sources holds the header under `include`.
func cTarget(_ name: String, linking library: String) -> Target {
    .target(name: name, linkerSettings: [.linkedLibrary(library)])
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "meshctl",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "meshctl", targets: ["meshctl"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // C libraries of the system, each behind one target.
        .systemLibrary(
            name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        cTarget("CFaultVFS", linking: "sqlite3"),

        // Layer 0
        layer("Diagnostics"),
        layer("JSON"),
        layer("Timing"),
        // Layer 1
        layer("YAML", ["CLibYAML", "Diagnostics", "JSON"]),
        layer("MeshModel", ["Diagnostics", "JSON", "Timing"]),
        layer("Telemetry", ["JSON", "Timing"]),
        // Layer 2
        layer("MeshPlanning", ["MeshModel", "Telemetry", "Diagnostics", "JSON", "Timing"]),
        layer("MeshResources", ["MeshModel", "Diagnostics", "JSON", "YAML", "Timing"]),
        layer("PlanDecoding", ["YAML", "MeshModel", "Diagnostics", "JSON"]),
        layer("KubernetesClient", ["CCurl", "YAML", "JSON", "Diagnostics", "Timing", httpTypes]),
        // Layer 3
        layer(
            "MeshCluster",
            [
                "CZlib", "KubernetesClient", "MeshResources", "MeshPlanning", "MeshModel",
                "Telemetry", "YAML", "JSON", "Diagnostics", "Timing",
            ]),
        layer("Journal", ["MeshPlanning", "MeshModel", "JSON", "Timing", grdb]),
        layer("Reporting", ["MeshPlanning", "MeshModel", "YAML", "Diagnostics", "JSON", "Timing"]),
        layer(
            "KubernetesSandbox",
            [
                "YAML", "MeshResources", "MeshModel", "Diagnostics", "JSON", "Timing", httpTypes,
                grdb,
            ],
            resources: [.embedInCode("Scenarios")]),
        // Layer 4
        layer(
            "SandboxServer",
            [
                "KubernetesSandbox", "JSON", "Timing", httpTypes,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
        layer(
            "MeshApply",
            [
                "Journal", "MeshCluster", "MeshPlanning", "MeshModel", "KubernetesClient",
                "Diagnostics", "JSON", "Timing",
            ]),
        // Layer 5
        layer(
            "CLI",
            [
                "MeshApply", "Reporting", "SandboxServer", "KubernetesSandbox", "PlanDecoding",
                "Journal", "MeshCluster", "KubernetesClient", "MeshPlanning", "MeshModel",
                "Diagnostics", "JSON", "Timing", argumentParser,
            ]),
        .executableTarget(name: "meshctl", dependencies: ["CLI"], swiftSettings: strict),
        .executableTarget(
            name: "meshbench", dependencies: ["MeshPlanning", "MeshModel"], swiftSettings: strict),
        .executableTarget(
            name: "meshfuzz",
            dependencies: [
                "CLI", "Reporting", "KubernetesSandbox", "PlanDecoding", "Journal", "MeshCluster",
                "KubernetesClient", "MeshResources", "MeshPlanning", "MeshModel", "Telemetry",
                "YAML",
                "Diagnostics", "JSON", "Timing", httpTypes,
            ], swiftSettings: strict),
        .executableTarget(
            name: "meshsim",
            dependencies: [
                "CFaultVFS", "CLI", "Journal", "KubernetesClient", "KubernetesSandbox",
                "MeshPlanning", "Diagnostics", "JSON", "Timing", httpTypes, argumentParser,
            ], swiftSettings: strict),

        // Tests
        .target(
            name: "TestSupport", dependencies: ["MeshModel", "MeshPlanning", "JSON", "Timing"],
            path: "Tests/Support", swiftSettings: strict),
        .target(
            name: "ProcessSupport", path: "Tests/ProcessSupport", swiftSettings: strict),
        tests("ArchitectureTests", []),
        tests("DiagnosticsTests", ["Diagnostics"]),
        tests("FuzzTests", ["meshfuzz", "JSON", "YAML", "Diagnostics"], exclude: ["Corpus"]),
        tests("JSONTests", ["JSON"]),
        tests("TimingTests", ["Timing"]),
        tests("YAMLTests", ["YAML", "JSON", "Diagnostics"]),
        tests("TelemetryTests", ["Telemetry", "JSON", "Timing"]),
        tests("MeshModelTests", ["MeshModel", "JSON"]),
        tests("PlanDecodingTests", ["PlanDecoding", "MeshModel", "YAML", "JSON", "Diagnostics"]),
        tests(
            "MeshPlanningTests",
            [
                "MeshPlanning", "MeshModel", "TestSupport", "Telemetry", "Diagnostics", "JSON",
                "Timing",
            ]),
        tests(
            "KubernetesClientTests",
            ["ProcessSupport", "KubernetesClient", "JSON", "Timing", "Diagnostics", httpTypes],
            exclude: ["Fixtures"]),
        tests(
            "MeshClusterTests",
            [
                "MeshCluster", "MeshModel", "MeshPlanning", "KubernetesClient", "Telemetry",
                "KubernetesSandbox", "Diagnostics", "JSON", "Timing", "TestSupport", httpTypes,
            ]),
        tests(
            "JournalTests",
            [
                "ProcessSupport", "TestSupport", "Journal", "MeshPlanning", "MeshModel", "JSON",
                "Timing", grdb,
            ]),
        tests(
            "ReportingTests",
            ["Reporting", "YAML", "MeshPlanning", "MeshModel", "Diagnostics", "JSON", "Timing"],
            exclude: ["Golden"]),
        tests(
            "KubernetesSandboxTests",
            ["KubernetesSandbox", "MeshModel", "Diagnostics", "JSON", "Timing", "YAML", httpTypes],
            exclude: ["Fixtures"]),
        tests(
            "SandboxServerTests",
            ["ProcessSupport", "SandboxServer", "KubernetesSandbox", "JSON", "Timing"]),
        tests(
            "CLITests",
            [
                "ProcessSupport",
                "meshctl", "CLI", "SandboxServer", "KubernetesSandbox", "Journal", "MeshPlanning",
                "MeshModel", "Diagnostics", "YAML", "JSON", "Timing", "TestSupport",
            ], exclude: ["Golden"]),
        tests("meshsimTests", ["meshsim", "CFaultVFS", grdb]),
    ],
    swiftLanguageModes: [.v6]
)
