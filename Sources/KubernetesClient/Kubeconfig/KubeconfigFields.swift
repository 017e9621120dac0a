import JSON

/// A cursor over one mapping of a kubeconfig, whose errors say where it stands and never what the
/// value was. Unknown fields are left alone, as kubectl does.
struct KubeconfigFields {
    let file: String
    let subject: KubeconfigError.Subject
    private let members: [String: JSONValue]
    private let path: String

    init(
        _ value: JSONValue, at path: String, file: String,
        subject: KubeconfigError.Subject = .file
    ) throws(KubeconfigError) {
        guard let members = value.object else {
            throw KubeconfigError(
                .wrongType(field: path.isEmpty ? "the document" : path, expected: "a mapping"),
                file: file, subject: subject)
        }
        self.members = members
        self.path = path
        self.file = file
        self.subject = subject
    }

    func error(_ problem: KubeconfigError.Problem) -> KubeconfigError {
        KubeconfigError(problem, file: file, subject: subject)
    }

    func has(_ name: String) -> Bool { value(name) != nil }

    /// Absent and null are the same.
    private func value(_ name: String) -> JSONValue? {
        guard let value = members[name], !value.isNull else { return nil }
        return value
    }

    private func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// A text; nil when absent or empty, which Go does not tell apart.
    func text(_ name: String) throws(KubeconfigError) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else {
            throw error(.wrongType(field: place(name), expected: "a text in quotes"))
        }
        return text.isEmpty ? nil : text
    }

    func flag(_ name: String) throws(KubeconfigError) -> Bool {
        guard let value = value(name) else { return false }
        guard let flag = value.bool else {
            throw error(.wrongType(field: place(name), expected: "true or false"))
        }
        return flag
    }

    func texts(_ name: String) throws(KubeconfigError) -> [String] {
        guard let value = value(name) else { return [] }
        let texts = value.array?.compactMap(\.string)
        guard let texts, texts.count == value.array?.count else {
            throw error(.wrongType(field: place(name), expected: "a list of texts"))
        }
        return texts
    }

    /// Every member, as a list of texts.
    func listsOfTexts() throws(KubeconfigError) -> [String: [String]] {
        var lists: [String: [String]] = [:]
        for name in members.keys.sorted() { lists[name] = try texts(name) }
        return lists
    }

    func child(_ name: String) throws(KubeconfigError) -> KubeconfigFields? {
        guard let value = value(name) else { return nil }
        return try KubeconfigFields(value, at: place(name), file: file, subject: subject)
    }

    func children(_ name: String) throws(KubeconfigError) -> [KubeconfigFields] {
        guard let value = value(name) else { return [] }
        guard let items = value.array else {
            throw error(.wrongType(field: place(name), expected: "a list"))
        }
        var children: [KubeconfigFields] = []
        for (index, item) in items.enumerated() {
            children.append(
                try KubeconfigFields(
                    item, at: "\(place(name))[\(index)]", file: file, subject: subject))
        }
        return children
    }

    /// `NAME` as a path and `NAME-data` as base64.
    func material(_ name: String) throws(KubeconfigError) -> Kubeconfig.Material {
        Kubeconfig.Material(
            path: try text(name), data: try text("\(name)-data").map { Secret($0) })
    }

    /// The list of `{name, KEY}` pairs that kubeconfig uses for maps.
    func named<Value>(
        _ list: String, _ key: String,
        _ makeSubject: (String) -> KubeconfigError.Subject,
        _ read: (KubeconfigFields) throws(KubeconfigError) -> Value
    ) throws(KubeconfigError) -> [String: Value] {
        var values: [String: Value] = [:]
        for entry in try children(list) {
            guard let name = try entry.text("name") else {
                throw error(.missingField("\(entry.path).name"))
            }
            let subject = makeSubject(name)
            guard values[name] == nil else {
                throw KubeconfigError(.duplicateName, file: file, subject: subject)
            }
            let fields = try KubeconfigFields(
                entry.value(key) ?? [:], at: entry.place(key), file: file, subject: subject)
            values[name] = try read(fields)
        }
        return values
    }
}
