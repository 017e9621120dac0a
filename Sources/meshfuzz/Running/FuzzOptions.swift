/// The command line.
struct FuzzOptions {
    static let usage = """
        usage: meshfuzz [--reader NAME] [--seconds N | --iterations N] [--first-seed N] [--corpus FOLDER]
               meshfuzz --reader NAME --input FILE
          --seconds     for all readers together; 60 by default
          --iterations  inputs of each reader
          --input       reads one file in this process, for a debugger
        """

    var reader: String?
    var seconds: Double?
    var iterations: UInt64?
    var firstSeed: UInt64 = 1
    var corpus = "Tests/FuzzTests/Corpus"
    var input: String?
    /// The progress file of a batch: this process is a child.
    var batch: String?

    /// nil for words that are no options.
    init?(_ words: some Sequence<String>) {
        var words = Array(words)[...]
        while let name = words.popFirst() {
            guard let value = words.popFirst() else { return nil }
            switch name {
            case "--reader": reader = value
            case "--seconds":
                guard let number = Double(value), number > 0 else { return nil }
                seconds = number
            case "--iterations":
                guard let number = UInt64(value), number > 0 else { return nil }
                iterations = number
            case "--first-seed":
                guard let number = UInt64(value), number < .max / 2 else { return nil }
                firstSeed = number
            case "--corpus": corpus = value
            case "--input": input = value
            case "--batch": batch = value
            default: return nil
            }
        }
        if seconds == nil, iterations == nil { seconds = 60 }
    }
}
