package import Diagnostics
import Foundation
import JSON
import KubernetesClient
import MeshModel
import MeshResources
import YAML

/// Reads the observed state from manifests: YAML or JSON, several documents, `List` objects.
///
/// Unknown kinds are skipped; a namespace that is only referred to exists, without labels.
package enum ManifestReader {
    package struct ReadError: Error, Sendable {
        package var diagnostics: [Diagnostic]
    }

    /// - Parameter paths: files and folders; `-` is standard input.
    package static func observe(
        paths: [String], rootNamespace: String? = nil
    ) throws(ReadError) -> Observation {
        var builder = MeshStateBuilder()
        for path in paths {
            for file in try files(at: path) { try read(file, into: &builder) }
        }
        return observation(of: builder, rootNamespace)
    }

    package static func observe(
        sources: [SourceText], rootNamespace: String? = nil
    ) throws(ReadError) -> Observation {
        var builder = MeshStateBuilder()
        for source in sources { try read(source, into: &builder) }
        return observation(of: builder, rootNamespace)
    }

    private static func observation(
        of builder: MeshStateBuilder, _ rootNamespace: String?
    ) -> Observation {
        var state = builder.state(rootNamespace: rootNamespace)
        state.leaveOutStateNamespace()
        return Observation(state: state)
    }

    /// The same from the bytes of one file, JSON or YAML, that nobody has looked at yet.
    package static func observe(
        contents: [UInt8], name: String, rootNamespace: String? = nil
    ) throws(ReadError) -> Observation {
        var builder = MeshStateBuilder()
        try read(contents, name: name, into: &builder)
        return Observation(state: builder.state(rootNamespace: rootNamespace))
    }

    /// A dump of a large cluster is some hundred MiB.
    private static let maximumBytes = 1 << 30

    private static func files(at path: String) throws(ReadError) -> [String] {
        var isFolder: ObjCBool = false
        guard path != "-", FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
            isFolder.boolValue
        else { return [path] }
        let walker = FileManager.default.enumerator(atPath: path)
        let found = (walker?.compactMap { $0 as? String } ?? [])
            .filter { [".yaml", ".yml", ".json"].contains(where: $0.hasSuffix) }.sorted()
        guard !found.isEmpty else {
            throw failure("folder \(path) holds no .yaml, .yml or .json file")
        }
        return found.map { path + "/" + $0 }
    }

    private static func read(_ path: String, into builder: inout MeshStateBuilder) throws(ReadError)
    {
        let bytes: [UInt8]
        do throws(FileContents.Failure) {
            bytes = try FileContents.read(path, maximumBytes: maximumBytes)
        } catch {
            throw failure("cannot read manifest \(path): \(error.reason)")
        }
        try read(bytes, name: path == "-" ? "<stdin>" : path, into: &builder)
    }

    private static func read(
        _ bytes: [UInt8], name: String, into builder: inout MeshStateBuilder
    ) throws(ReadError) {
        // JSON goes through the JSON reader: much faster than as YAML, and large dumps are JSON.
        if bytes.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{"),
            let document = try? JSONValue(parsing: bytes)
        {
            try add(document, from: name, to: &builder)
            return
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure("manifest \(name) is not UTF-8 text")
        }
        try read(SourceText(name: name, text: text), into: &builder)
    }

    private static func read(
        _ source: SourceText, into builder: inout MeshStateBuilder
    ) throws(ReadError) {
        let documents: [YAMLNode]
        do {
            documents = try YAMLReader.documents(in: source, limits: .manifests)
        } catch {
            throw ReadError(diagnostics: error.diagnostics)
        }
        for document in documents { try add(document.json(), from: source.name, to: &builder) }
    }

    private static func add(
        _ object: JSONValue, from file: String, to builder: inout MeshStateBuilder
    ) throws(ReadError) {
        do throws(MeshStateBuilder.UnreadableObject) {
            try builder.add(object)
        } catch {
            throw failure("\(file): \(error.kind) \(error.name) cannot be read: \(error.why)")
        }
    }

    private static func failure(_ message: String) -> ReadError {
        ReadError(diagnostics: [Diagnostic(.cannotJudge, message)])
    }
}
