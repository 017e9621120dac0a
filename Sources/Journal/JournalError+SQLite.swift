import Foundation
import GRDB

extension JournalError {
    /// What an error of the database means for the file at `path`.
    init(_ error: any Error, path: String) {
        if let error = error as? JournalError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self = .inputOutput(path: path, detail: String(describing: error))
            return
        }
        let detail = error.message ?? error.resultCode.description
        switch error.resultCode {
        // Every statement is ours: one that SQLite does not understand meets tables that are not.
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR:
            self = .damaged(path: path, detail: detail)
        case .SQLITE_FULL: self = .diskFull(path: path)
        case .SQLITE_READONLY: self = .readOnlyFileSystem(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
        case .SQLITE_PERM, .SQLITE_AUTH: self = .notPermitted(path: path, reason: detail)
        case .SQLITE_CANTOPEN: self = .cannotOpen(path: path, reason: detail)
        // SQLite has thirty kinds of these, and one sentence (https://www.sqlite.org/rescode.html#extrc).
        default:
            let code = error.extendedResultCode.rawValue
            self = .inputOutput(path: path, detail: "\(detail) (code \(code) of SQLite)")
        }
    }

    /// What a failed system call means for the file at `path`.
    init(errno code: Int32, path: String) {
        let reason = String(cString: strerror(code))
        switch code {
        case EACCES, EPERM: self = .notPermitted(path: path, reason: reason)
        case EROFS: self = .readOnlyFileSystem(path: path)
        case ENOSPC, EDQUOT: self = .diskFull(path: path)
        case EIO: self = .inputOutput(path: path, detail: reason)
        default: self = .cannotOpen(path: path, reason: reason)
        }
    }
}
