/// The lines of a stream, one at a time: what is held in memory is one line and one piece, however long the
/// stream is.
struct BoundedLines {
    enum Next: Equatable {
        case line([UInt8])
        case tooLong
        case end
    }

    private let limit: Int
    /// Empty at the end.
    private let piece: () throws -> [UInt8]
    private var rest: [UInt8] = []
    /// Where the next line begins in `rest`.
    private var start = 0

    /// - Parameters:
    ///   - limit: bytes of a line, without its line break.
    ///   - piece: the next bytes of the stream; none at its end.
    init(limit: Int, piece: @escaping () throws -> [UInt8]) {
        self.limit = limit
        self.piece = piece
    }

    /// The next line without its line break; the last one needs none. After `tooLong` there is no going on.
    mutating func next() throws -> Next {
        var searched = start
        while true {
            if let end = rest[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest[start..<end]
                start = end + 1
                return line.count > limit ? .tooLong : .line(Array(line))
            }
            guard rest.count - start <= limit else { return .tooLong }
            rest.removeFirst(start)
            start = 0
            searched = rest.count
            let more = try piece()
            if more.isEmpty {
                defer { rest = [] }
                return rest.isEmpty ? .end : .line(rest)
            }
            rest += more
        }
    }
}
