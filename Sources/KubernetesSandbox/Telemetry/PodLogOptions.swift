import JSON
import Timing

/// One line of a container's log.
struct PodLogLine {
    /// Milliseconds since 1970.
    var time: Int64
    var text: String
}

/// Which part of a container's log is asked for: `PodLogOptions` of the core API.
struct PodLogOptions {
    /// nil where the pod has only one.
    var container: String?
    var previous: Bool
    var timestamps: Bool
    private var since: Timestamp?
    private var tail: Int?
    private var bytes: Int?

    init(_ request: SandboxRequest, now: Timestamp) throws(APIStatus) {
        container = request.parameter("container")
        previous = request.flag("previous")
        timestamps = request.flag("timestamps")
        let seconds = try Self.number("sinceSeconds", minimum: 1, request)
        tail = try Self.number("tailLines", minimum: 0, request)
        bytes = try Self.number("limitBytes", minimum: 1, request)
        if let text = request.parameter("sinceTime") {
            guard let time = Timestamp(rfc3339: text) else {
                throw .badRequest("sinceTime: \"\(text)\" is no time in RFC 3339")
            }
            guard seconds == nil else {
                throw Self.invalid(
                    "", "Forbidden",
                    "at most one of `sinceTime` or `sinceSeconds` may be specified")
            }
            since = time
        }
        if let seconds { since = now + .seconds(-seconds) }
    }

    /// Milliseconds since 1970 from which on lines are shown.
    var start: Int64 { since?.milliseconds ?? 0 }

    /// The lines that are asked for, as the kubelet sends them.
    func body(_ lines: [PodLogLine]) -> [UInt8] {
        let shown = lines.filter { $0.time >= start }
        let text = shown.suffix(tail ?? shown.count).map { line in
            guard timestamps else { return line.text + "\n" }
            let time = Timestamp(milliseconds: line.time).rfc3339Micro.dropLast()
            return "\(time)000Z \(line.text)\n"
        }.joined()
        return Array(text.utf8.prefix(bytes ?? text.utf8.count))
    }

    private static func number(
        _ name: String, minimum: Int, _ request: SandboxRequest
    ) throws(APIStatus) -> Int? {
        guard let text = request.parameter(name) else { return nil }
        guard let number = Int(text), number.magnitude < 1 << 40 else {
            throw .badRequest("\(name): \"\(text)\" is no number")
        }
        guard number >= minimum else {
            let why =
                minimum == 0
                ? "must be greater than or equal to 0" : "must be greater than 0"
            throw invalid(name, "Invalid value: \(number)", why)
        }
        return number
    }

    private static func invalid(_ field: String, _ kind: String, _ why: String) -> APIStatus {
        let message = "\(kind): \(why)"
        return APIStatus(
            code: 422, reason: "Invalid",
            message:
                "PodLogOptions \"\" is invalid: \(field.isEmpty ? "" : field + ": ")\(message)",
            details: [
                "kind": "PodLogOptions",
                "causes": [
                    [
                        "reason": "FieldValueInvalid", "message": .string(message),
                        "field": .string(field),
                    ]
                ],
            ])
    }
}
