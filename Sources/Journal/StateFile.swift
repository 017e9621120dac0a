import Foundation

/// The few system calls behind the state file. All throw `JournalError` with the path they failed on.
enum StateFile {
    /// What SQLite says of itself at the start of a file (https://www.sqlite.org/fileformat2.html §1.3).
    struct Header: Equatable {
        var userVersion: Int
        var applicationID: Int32
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0
    }

    /// Bytes; nil when there is no file.
    static func size(of path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    /// The permission bits; nil when there is no file.
    static func mode(of path: String) -> UInt32? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    /// Where links lead; the path itself where nothing is there.
    static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    /// To be asked before SQLite has the file open in this process: closing any other descriptor of a file gives
    /// up the locks that SQLite holds on it (https://www.sqlite.org/howtocorrupt.html §2.2).
    ///
    /// nil when there is no file. Throws `damaged` for a file that is no SQLite database.
    static func header(of path: String) throws(JournalError) -> Header? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw JournalError(errno: errno, path: path)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: headerLength)
        let count = read(descriptor, &bytes, headerLength)
        guard count >= 0 else { throw JournalError(errno: errno, path: path) }
        guard count > 0 else { throw .damaged(path: path, detail: "the file is empty") }
        guard bytes.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw .damaged(path: path, detail: "it is not an SQLite database")
        }
        guard count == headerLength else {
            throw .damaged(path: path, detail: "it ends after \(count) bytes")
        }
        return Header(
            userVersion: Int(bigEndian(bytes[60..<64])),
            applicationID: Int32(bitPattern: bigEndian(bytes[68..<72])))
    }

    private static let headerLength = 100

    private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Throws where the file, or its folder, in which the write-ahead log lies, cannot be written:
    /// SQLite itself would open it for reading only, and fail at the first write.
    static func requireWritable(_ path: String) throws(JournalError) {
        for place in [path, folder(of: path)] where access(place, W_OK) != 0 {
            throw JournalError(errno: errno, path: place)
        }
    }

    /// An empty file that only its owner may read and write.
    static func createEmpty(_ path: String) throws(JournalError) {
        let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw JournalError(errno: errno, path: path) }
        close(descriptor)
    }

    /// An empty file beside `path` under a name of its own, for its owner alone; returns its path.
    static func createTemporary(beside path: String) throws(JournalError) -> String {
        var template = Array("\(path).new-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw JournalError(errno: errno, path: path) }
        close(descriptor)
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The folder of `path` and those above it, as far as they are missing, for their owner alone.
    static func createFolder(of path: String) throws(JournalError) {
        let folder = folder(of: path)
        guard !exists(folder) else { return }
        try createFolder(of: folder)
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw JournalError(errno: errno, path: folder)
        }
    }

    static func remove(_ path: String) throws(JournalError) {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw JournalError(errno: errno, path: path)
        }
    }

    static func rename(_ old: String, to new: String) throws(JournalError) {
        guard Foundation.rename(old, new) == 0 else { throw JournalError(errno: errno, path: new) }
    }

    /// Gives the file its second name, unless that is taken: false then.
    static func link(_ old: String, to new: String) throws(JournalError) -> Bool {
        if Foundation.link(old, new) == 0 { return true }
        if errno == EEXIST { return false }
        throw JournalError(errno: errno, path: new)
    }

    static func sync(_ path: String) throws(JournalError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw JournalError(errno: errno, path: path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw JournalError(errno: errno, path: path) }
    }

    /// Makes the name of a new file survive a power cut.
    static func syncFolder(of path: String) throws(JournalError) { try sync(folder(of: path)) }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
