import Foundation
import Glibc

/// Gives every reader of foreign bytes what nobody would write, and watches what it does; `docs/contributing.md`.
@main
struct Meshfuzz {
    static func main() throws {
        guard let options = FuzzOptions(CommandLine.arguments.dropFirst()) else {
            end(FuzzOptions.usage)
        }
        let readers = FuzzReader.all.filter { $0.name == options.reader ?? $0.name }
        guard let first = readers.first else {
            end(
                "there is no reader of that name; there are "
                    + FuzzReader.all.map(\.name).joined(separator: ", "))
        }
        if let path = options.input {
            guard options.reader != nil else { end(FuzzOptions.usage) }
            print(try first.check(Array(try Data(contentsOf: URL(fileURLWithPath: path)))))
        } else if let progress = options.batch {
            try batch(of: first, options, progress)
        } else {
            var failures = 0
            for reader in readers {
                var own = options
                own.seconds = options.seconds.map { $0 / Double(readers.count) }
                failures += try FuzzCampaign(
                    reader: reader, options: own, findings: ".build/meshfuzz"
                ).run()
            }
            exit(failures == 0 ? 0 : 1)
        }
    }

    private static func batch(of reader: FuzzReader, _ options: FuzzOptions, _ progress: String)
        throws
    {
        let corpus = try Corpus(of: reader.corpus, in: options.corpus)
        let count = options.iterations ?? 1
        try FuzzBatch(
            reader: reader, maker: InputMaker(corpus, format: reader.format), progress: progress
        ).run(
            options.firstSeed..<(options.firstSeed + count),
            until: Date().addingTimeInterval(options.seconds ?? 1e9))
    }

    private static func end(_ text: String) -> Never {
        FileHandle.standardError.write(Data((text + "\n").utf8))
        exit(64)
    }
}
