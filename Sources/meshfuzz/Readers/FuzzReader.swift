/// One reader of bytes that nobody of ours wrote.
package struct FuzzReader: Sendable {
    package let name: String
    /// Its folder in the corpus.
    package let corpus: String
    package let format: InputFormat
    /// Processor time that an input of up to 1 MiB may take, in seconds.
    package let seconds: Double
    /// Reads the bytes. Gives a text that is equal for equal results, and throws `BrokenPromise` where the
    /// result is not what the reader promises. The reader's own errors are results.
    package let read: @Sendable (_ bytes: [UInt8]) throws -> String

    init(
        _ name: String, _ format: InputFormat, corpus: String? = nil, seconds: Double = 1,
        read: @escaping @Sendable (_ bytes: [UInt8]) throws -> String
    ) {
        self.name = name
        self.corpus = corpus ?? name
        self.format = format
        self.seconds = seconds
        self.read = read
    }
}

/// What a reader said or did that it never should, whatever the input.
package struct BrokenPromise: Error, Sendable, Equatable {
    package var text: String

    init(_ text: String) { self.text = text }
}

extension FuzzReader {
    /// Each with its folder in `Tests/FuzzTests/Corpus`. A reader that is added here is fuzzed by the command and by
    /// the tests.
    package static let all: [FuzzReader] = [
        yaml, json, plan, kubeconfig, execCredential, manifests, mesh, list, status, watch, metrics,
        ztunnelLog, envoyLog, prometheus, savedPlan, journal, stateFile, checkpoint, lease,
        scenario,
        sandboxRequest, scalars,
    ]

    /// Reads twice: a result may depend on nothing but the bytes.
    package func check(_ bytes: [UInt8]) throws -> String {
        let first = try read(bytes)
        guard try read(bytes) == first else {
            throw BrokenPromise("the same input gave two results")
        }
        return first
    }
}

/// The result of reading, or the reader's own error, as a text.
func outcome(_ body: () throws -> String) throws -> String {
    do {
        return try body()
    } catch let broken as BrokenPromise {
        throw broken
    } catch is DecodingError {
        // Of several mistakes Foundation tells any: it visits members in no order.
        return "not decodable"
    } catch {
        return "error: \(error)"
    }
}
