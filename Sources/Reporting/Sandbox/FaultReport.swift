/// `meshctl sandbox fault NAME`: what is switched on, oldest first.
package struct FaultReport: Report {
    package struct Entry: Encodable, Sendable, Hashable {
        package var fault: String
        package var arguments: [String]

        package init(fault: String, arguments: [String]) {
            self.fault = fault
            self.arguments = arguments
        }
    }

    package let formatVersion = "1.0"
    package let kind = "SandboxFaults"
    package var sandbox: String
    package var faults: [Entry]

    package init(sandbox: String, faults: [Entry]) {
        self.sandbox = sandbox
        self.faults = faults
    }

    package var document: TextDocument {
        var document = TextDocument()
        if faults.isEmpty {
            document.add("No faults.")
        } else {
            var table = TextTable(header: ["FAULT", "ARGUMENTS"])
            for fault in faults {
                table.add([
                    TextLine(fault.fault), TextLine(fault.arguments.joined(separator: " ")),
                ])
            }
            document.add(table)
        }
        return document
    }
}
