import Diagnostics
import JSON
import MeshModel
import YAML

extension PlanCursor {
    /// Any text that is not empty; what looks like a number or a boolean is taken as it is written.
    func text() -> String? {
        guard case .scalar(let scalar) = node, !scalar.text.isEmpty || !scalar.isPlain else {
            wrongType("a text")
            return nil
        }
        guard !scalar.text.allSatisfy(\.isWhitespace) else {
            report(.invalidValue, "`\(key)` is empty", detail: "Write a text, or remove the key.")
            return nil
        }
        return scalar.text
    }

    /// A text that YAML reads as one: `name: 404` and `name: on` are not.
    func string() -> String? {
        guard let text = text(), case .scalar(let scalar) = node else { return nil }
        if case .string = scalar.value { return text }
        report(
            .wrongType, "`\(key)` must be a text, and YAML reads \(quote(text)) as something else",
            detail: "Put it in quotes: \"\(text)\".")
        return nil
    }

    func name(_ form: KubernetesName.Form) -> String? {
        guard let text = string() else { return nil }
        guard form.accepts(text) else {
            report(
                .invalidValue, "\(quote(text)) is not a valid `\(key)`",
                detail: "Use \(form.rule).")
            return nil
        }
        return text
    }

    func flag() -> Bool? {
        guard case .scalar(let scalar) = node, case .bool(let value) = scalar.value else {
            if case .scalar(let scalar) = node, !scalar.text.isEmpty {
                report(
                    .wrongType, "`\(key)` must be true or false, not \(quote(scalar.text))",
                    detail: scalar.isPlain ? "" : "Remove the quotes.")
            } else {
                wrongType("true or false")
            }
            return nil
        }
        return value
    }

    func integer(_ range: ClosedRange<Int>) -> Int? {
        guard let number = number() else { return nil }
        guard let value = Int(exactly: number), range.contains(value) else {
            let bounds =
                range.upperBound == .max
                ? "a whole number from \(range.lowerBound)"
                : "a whole number from \(range.lowerBound) to \(range.upperBound)"
            report(.invalidValue, "`\(key)` must be \(bounds)")
            return nil
        }
        return value
    }

    func port() -> Int? {
        integer(Self.ports)
    }

    static let ports = 1...65_535

    func number() -> Double? {
        guard case .scalar(let scalar) = node else {
            wrongType("a number")
            return nil
        }
        switch scalar.value {
        case .integer(let value): return Double(value)
        case .double(let value): return value
        default:
            if scalar.text.isEmpty {
                wrongType("a number")
            } else {
                report(
                    .wrongType, "`\(key)` must be a number, not \(quote(scalar.text))",
                    detail: scalar.isPlain ? "" : "Remove the quotes.")
            }
            return nil
        }
    }

    func duration() -> Duration? {
        guard let text = text() else { return nil }
        if let duration = DurationText.duration(text) { return duration }
        let hint =
            text.allSatisfy { $0.isASCII && $0.isNumber }
            ? "A duration needs a unit: did you mean `\(quoteless(text))s`?"
            : "Write it as 30s, 15m, 24h or 1h30m, at most a year."
        report(.invalidValue, "\(quote(text)) is not a duration", detail: hint)
        return nil
    }

    func date() -> CalendarDate? {
        guard let text = text() else { return nil }
        guard let date = CalendarDate(text) else {
            report(
                .invalidValue, "\(quote(text)) is not a date",
                detail: "Write an existing day as YYYY-MM-DD.")
            return nil
        }
        return date
    }

    /// One of a closed set of words.
    func choice<Word>(_ words: [Word]) -> Word?
    where Word: RawRepresentable, Word.RawValue == String {
        guard let text = text() else { return nil }
        if let word = words.first(where: { $0.rawValue == text }) { return word }
        report(
            .invalidValue, "`\(key)` cannot be \(quote(text))",
            detail: allowance(of: words.map(\.rawValue), for: text))
        return nil
    }

    private func quoteless(_ text: String) -> String { String(text.prefix(12)) }
}

extension PlanCursor {
    /// A selector by labels, with at least one label.
    func selector() -> LabelSelector? {
        guard case .mapping(let mapping) = node else {
            wrongType("a mapping of labels", hint: "For example {app: web}.")
            return nil
        }
        guard !mapping.entries.isEmpty else {
            report(
                .invalidValue, "`\(key)` selects nothing in particular",
                detail: "An empty selector matches everything; name at least one label.")
            return nil
        }
        var labels: [String: String] = [:]
        var isWhole = true
        for entry in mapping.entries {
            let label = entry.key.text
            if !KubernetesName.Form.labelKey.accepts(label) {
                report(
                    .invalidValue, "\(quote(label)) is not a label key",
                    detail: "Use \(KubernetesName.Form.labelKey.rule).", at: entry.key.range)
                isWhole = false
            }
            let value = PlanCursor(node: entry.value, path: "\(path)", mistakes: mistakes)
            guard let text = value.labelValue(of: label) else {
                isWhole = false
                continue
            }
            labels[label] = text
        }
        return isWhole ? LabelSelector(labels) : nil
    }

    private func labelValue(of label: String) -> String? {
        guard case .scalar(let scalar) = node else {
            report(.wrongType, "the label \(quote(label)) must have a text as its value")
            return nil
        }
        guard case .string(let text) = scalar.value else {
            report(
                .wrongType, "the label \(quote(label)) must have a text as its value",
                detail: scalar.text.isEmpty
                    ? "Write \"\" for an empty value."
                    : "YAML reads \(quote(scalar.text)) as something else: put it in quotes.")
            return nil
        }
        guard KubernetesName.Form.labelValue.accepts(text) else {
            report(
                .invalidValue, "\(quote(text)) is not a label value",
                detail: "Use \(KubernetesName.Form.labelValue.rule).")
            return nil
        }
        return text
    }

    /// Port numbers with a word each; at least one.
    func ports<Word>(_ words: [Word], kind: String) -> [Int: Word]?
    where Word: RawRepresentable, Word.RawValue == String {
        let example = "For example {3000: \(words.first?.rawValue ?? "")}."
        guard case .mapping(let mapping) = node else {
            wrongType("a mapping of port numbers", hint: example)
            return nil
        }
        guard !mapping.entries.isEmpty else {
            report(.invalidValue, "`\(key)` names no port", detail: example)
            return nil
        }
        var ports: [Int: Word] = [:]
        var isWhole = true
        for entry in mapping.entries {
            let text = entry.key.text
            let number = text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) ? Int(text) : nil
            let value = PlanCursor(
                node: entry.value, path: "\(path).\(text)", mistakes: mistakes)
            let word = value.choice(words)
            guard let number, Self.ports.contains(number) else {
                report(
                    .invalidValue, "\(quote(text)) is not a port",
                    detail: "Write the number of a \(kind) port, 1 to 65535; names of ports "
                        + "are not allowed here.", at: entry.key.range)
                isWhole = false
                continue
            }
            if ports[number] != nil {
                report(
                    .duplicateEntry, "the port \(number) stands twice in `\(key)`",
                    detail: "Keep one of the two.", at: entry.key.range)
                isWhole = false
            }
            guard let word else {
                isWhole = false
                continue
            }
            ports[number] = word
        }
        return isWhole ? ports : nil
    }
}
