import Foundation

/// One target: as the table in `docs/architecture.md` draws it, or as `Package.swift` declares it.
struct TargetEntry: Equatable {
    var name: String
    /// nil in `Package.swift`, which knows no layers.
    var layer: Int?
    /// Targets of this package.
    var own: Set<String>
    /// Modules of other packages.
    var outside: Set<String>
}

enum TargetTable {
    /// The rows `| layer | \`Target\` | purpose | imports | outside |`; a dash is nothing.
    static func documented() throws -> [TargetEntry] {
        try Repository.text("docs/architecture.md").split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 7, let layer = Int(cells[1]), cells[2].hasPrefix("`") else {
                return nil
            }
            return TargetEntry(
                name: cells[2].trimmingCharacters(in: ["`"]), layer: layer,
                own: names(cells[4]), outside: names(cells[5]))
        }
    }

    /// The names in backticks.
    private static func names(_ cell: String) -> Set<String> {
        let parts = cell.split(separator: "`", omittingEmptySubsequences: false)
        return Set(parts.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) })
    }

    /// The targets that are not tests. C libraries come with no dependencies.
    static func declared() throws -> [TargetEntry] {
        let manifest = withoutComments(try Repository.text("Package.swift"))
        let products = try products(in: manifest)
        let body = manifest.range(of: "targets: [").map { manifest[$0.upperBound...] } ?? ""
        let starts = ["layer(", ".executableTarget(", ".systemLibrary(", "cTarget("]
        return starts.flatMap { start in
            calls(of: start, in: String(body)).compactMap { entry($0, start, products) }
        }
    }

    private static func entry(
        _ call: String, _ start: String, _ products: [String: String]
    ) -> TargetEntry? {
        let quoted = call.matches(of: #/"([^"]+)"/#).map { String($0.1) }
        guard let name = quoted.first else { return nil }
        guard start != ".systemLibrary(", start != "cTarget(" else {
            return TargetEntry(name: name, own: [], outside: [])
        }
        let list = call.firstMatch(of: #/\[(?<list>[^\]]*)\]/#).map { String($0.list) } ?? ""
        let product = #/\.product\(\s*name: "([^"]+)"[^)]*\)/#
        let plain = list.replacing(product, with: "")
        let variables = plain.replacing(#/"[^"]*"/#, with: "").matches(of: #/[A-Za-z]+/#)
        return TargetEntry(
            name: name,
            own: Set(plain.matches(of: #/"([^"]+)"/#).map { String($0.1) }),
            outside: Set(list.matches(of: product).map { String($0.1) })
                .union(variables.map { products[String($0.0)] ?? String($0.0) }))
    }

    /// `let grdb: Target.Dependency = .product(name: "GRDB", …)`, by the constant's name.
    private static func products(in manifest: String) throws -> [String: String] {
        let pattern = #/let (\w+): Target\.Dependency = \.product\(\s*name: "([^"]+)"/#
        return Dictionary(
            manifest.matches(of: pattern).map { (String($0.1), String($0.2)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The arguments of each call that begins with `start`, up to its closing parenthesis.
    private static func calls(of start: String, in text: String) -> [String] {
        text.ranges(of: start).map { range in
            var depth = 1
            return String(
                text[range.upperBound...].prefix { character in
                    if character == "(" { depth += 1 }
                    if character == ")" { depth -= 1 }
                    return depth > 0
                })
        }
    }
}
