import JSON

/// What a hostile or broken API server may write wherever a text stands.
enum HostileText {
    /// What a terminal, a Markdown renderer, a YAML reader or a CI system may obey.
    static let usual =
        "x\u{1B}]0;FORGED\u{7}\u{1B}[31m\r\n::error::FORGED\nFORGED | <b>bold</b> `t` *b* \\| [l](u) \u{8}\u{7F}"
        + "\u{9B}31m\u{202E}\u{2066}\u{200B}\u{200D}\u{FEFF}\u{2028}\u{AD}\u{E0041} ##[set-output name=x;]y"
        + " ##vso[task.complete]z \"'{a: b}, - c: # &amp; @all ```"
    /// A command of a CI system, where a line begins with it.
    static let command = "::error file=FORGED::FORGED"
    /// Stands in JSON for bytes that are no UTF-8.
    static let invalidBytes = "INVALID-UTF-8"

    /// How answers are changed.
    enum Salt: String, CaseIterable, Sendable {
        /// Lists hold each object a second time, with a name that no object can have.
        case names
        /// The same, and the name begins with a command.
        case commands
        /// The same, and every other text of the second object is hostile, too.
        case texts
        /// The same, with a name of 100 kB.
        case length
        /// What is one object or a page of text has hostile words in it.
        case pages
        /// Every write is refused, with hostile words.
        case refusals
        /// Every read but the first is refused so.
        case failures
        /// Lists hold bytes that are no UTF-8.
        case bytes

        /// What a command that only looks has to repeat of it; nil where nothing hostile is read.
        var mark: String? {
            switch self {
            case .names, .commands, .texts, .failures: "FORGED"
            case .length: "AAAAAAAA"
            case .pages, .refusals: nil
            case .bytes: "cannot be read"
            }
        }

        func change(
            _ request: SaltingServer.Request, _ answer: SaltingServer.Answer
        ) -> SaltingServer.Answer {
            let isWrite = request.method != "GET"
            if self == .refusals, isWrite { return HostileText.refusal(409, "Conflict") }
            if self == .failures, !isWrite, !request.path.hasSuffix("/kube-system") {
                return HostileText.refusal(422, HostileText.usual)
            }
            var answer = answer
            guard let json = try? JSONValue(parsing: answer.body) else {
                if self == .pages {
                    let text = String(decoding: answer.body, as: UTF8.self)
                    answer.body = Array(HostileText.salted(page: text).utf8)
                }
                return answer
            }
            guard let salted = change(json) else { return answer }
            answer.body = salted.canonicalBytes
            if self == .bytes {
                let text = String(decoding: answer.body, as: UTF8.self)
                answer.body = Array(text.utf8).replacing(
                    Array(HostileText.invalidBytes.utf8), with: [0xFF, 0xC0, 0xED, 0xA0, 0x80])
            }
            return answer
        }

        private func change(_ json: JSONValue) -> JSONValue? {
            guard let items = json["items"]?.array else {
                return self == .pages && json["metadata"] == nil ? HostileText.salted(json) : nil
            }
            guard self != .pages else { return nil }
            // Of a long name, one of each kind is long enough.
            let seconds = (self == .length ? Array(items.prefix(1)) : items).map(second)
            var json = json
            json["items"] = .array(items + seconds)
            return json
        }

        private func second(_ item: JSONValue) -> JSONValue {
            var item = self == .texts ? HostileText.salted(item) : item
            var metadata = item["metadata"] ?? [:]
            let name = metadata["name"]?.string ?? ""
            let salt =
                switch self {
                case .commands: HostileText.command
                case .length: name + String(repeating: "A", count: 100_000)
                case .bytes: name + HostileText.invalidBytes
                default: name + HostileText.usual
                }
            metadata["name"] = .string(salt)
            metadata["uid"] = .string("uid-of-the-second-\(name)")
            var labels = metadata["labels"] ?? [:]
            labels[HostileText.command] = .string(HostileText.usual)
            metadata["labels"] = labels
            metadata["annotations"] = [HostileText.usual: .string(HostileText.command)]
            item["metadata"] = metadata
            return item
        }
    }

    /// What readers need to take an object for one; the rest is free text.
    private static let kept: Set = [
        "apiVersion", "kind", "uid", "resourceVersion", "creationTimestamp", "startTime", "status",
        "resultType", "phase", "mode", "lastTransitionTime", "startedAt", "time",
    ]

    static func salted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(text + usual)
        case .array(let items): .array(items.map(salted))
        case .object(let members):
            .object(
                members.reduce(into: [:]) { result, member in
                    result[member.key] =
                        kept.contains(member.key) && member.value.string != nil
                        ? member.value : salted(member.value)
                })
        default: value
        }
    }

    /// Metrics and logs: their lines stay lines, and their quotes closed.
    private static func salted(page: String) -> String {
        let safe = String(
            String.UnicodeScalarView(
                usual.unicodeScalars.filter { !"\r\n\"\\".unicodeScalars.contains($0) }))
        return page.replacing("spiffe://", with: "spiffe://\(safe)")
            .replacing("cloudflared", with: "cloudflared\(safe)") + "\(command)\n"
    }

    private static func refusal(_ code: Int, _ reason: String) -> SaltingServer.Answer {
        let status: JSONValue = [
            "apiVersion": "v1", "kind": "Status", "status": "Failure",
            "code": .integer(Int64(code)), "reason": .string(reason),
            "message": .string(usual + command),
            "details": [
                "name": .string(usual), "kind": .string(usual),
                "causes": [
                    [
                        "reason": "FieldManagerConflict", "field": .string(usual),
                        "message": .string("conflict with \"\(usual)\""),
                    ]
                ],
            ],
        ]
        return SaltingServer.Answer(
            status: code, type: "application/json", body: status.canonicalBytes)
    }
}
