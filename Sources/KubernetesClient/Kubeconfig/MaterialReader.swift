import Foundation

/// Reads the certificates and keys that a cluster or user of a kubeconfig refers to.
struct MaterialReader {
    let file: String
    let subject: KubeconfigError.Subject

    func error(_ problem: KubeconfigError.Problem) -> KubeconfigError {
        KubeconfigError(problem, file: file, subject: subject)
    }

    /// A path of the kubeconfig: relative ones start at the kubeconfig's own folder.
    func path(_ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }

    /// What `FIELD-data` holds, else what the file named by `FIELD` does.
    func read(
        _ material: Kubeconfig.Material, _ field: String
    ) throws(KubeconfigError) -> [UInt8]? {
        if let data = material.data {
            let decoded = data.withText { text in
                Data(base64Encoded: text, options: .ignoreUnknownCharacters)
            }
            let isBase64 = data.withBytes { $0.allSatisfy(Self.isBase64) }
            guard let decoded, isBase64 else { throw error(.invalidData(field: "\(field)-data")) }
            return Array(decoded)
        }
        guard let name = material.path else { return nil }
        let path = path(name)
        do {
            return try FileContents.read(path)
        } catch {
            throw self.error(.fileUnreadable(field: field, path: path, reason: error.reason))
        }
    }

    /// The alphabet with padding, and line breaks, which YAML block texts bring.
    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"),
            UInt8(ascii: "="), 0x0A, 0x0D, 0x20:
            true
        default: false
        }
    }

    /// A PEM block whose label ends so has to be there.
    func expect(
        _ label: String, in bytes: [UInt8], _ field: String
    ) throws(KubeconfigError) {
        guard PEM.holds(label, bytes) else {
            throw error(.invalidPEM(field: field, expected: label))
        }
    }
}

/// Only as much of PEM as tells a good message from OpenSSL's.
enum PEM {
    static func holds(_ label: String, _ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.contains("-----BEGIN ") && text.contains("\(label)-----")
    }

    static func isEncrypted(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.contains("BEGIN ENCRYPTED PRIVATE KEY")
            || text.contains("Proc-Type: 4,ENCRYPTED")
    }
}
