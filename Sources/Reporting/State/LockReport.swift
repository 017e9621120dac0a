/// `meshctl state lock`: who holds the state file, and who the cluster.
package struct LockReport: Report {
    /// A process on this machine, or on one that shares its files.
    package struct FileHolder: Encodable, Sendable, Hashable {
        package var command: String
        package var process: Int32
        package var host: String
        /// RFC 3339
        package var since: String

        package init(command: String, process: Int32, host: String, since: String) {
            self.command = command
            self.process = process
            self.host = host
            self.since = since
        }
    }

    package struct StateFile: Encodable, Sendable, Hashable {
        package var path: String
        package var isHeld: Bool
        /// Null also where the lock does not say who has it.
        @OrNull package var holder: FileHolder?

        package init(path: String, isHeld: Bool, holder: FileHolder?) {
            self.path = path
            self.isHeld = isHeld
            _holder = OrNull(wrappedValue: holder)
        }
    }

    package struct ClusterHolder: Encodable, Sendable, Hashable {
        /// As the Lease has it.
        package var identity: String
        /// `apply by ana@desk, process 4711`
        package var text: String
        /// RFC 3339, by the holder's clock; null where the Lease does not say.
        @OrNull package var since: String?
        /// Whether it was renewed while it was looked at; if not, it did not change for its whole duration, and the
        /// next command takes it over.
        package var isAlive: Bool
        /// Milliseconds for which it was seen unchanged, by the clock of who looked.
        package var unchangedFor: Int64

        package init(
            identity: String, text: String, since: String?, isAlive: Bool, unchangedFor: Int64
        ) {
            self.identity = identity
            self.text = text
            _since = OrNull(wrappedValue: since)
            self.isAlive = isAlive
            self.unchangedFor = unchangedFor
        }
    }

    package struct OpenRun: Encodable, Sendable, Hashable {
        package var id: String
        package var operation: String
        package var plan: String
        package var startedBy: String

        package init(id: String, operation: String, plan: String, startedBy: String) {
            self.id = id
            self.operation = operation
            self.plan = plan
            self.startedBy = startedBy
        }
    }

    package struct StopRequest: Encodable, Sendable, Hashable {
        package var by: String
        package var why: String

        package init(by: String, why: String) {
            self.by = by
            self.why = why
        }
    }

    /// A lock that was broken by hand.
    package struct Break: Encodable, Sendable, Hashable {
        /// RFC 3339
        package var at: String
        package var by: String
        package var held: String
        package var why: String

        package init(at: String, by: String, held: String, why: String) {
            self.at = at
            self.by = by
            self.held = held
            self.why = why
        }
    }

    package struct Cluster: Encodable, Sendable, Hashable {
        package var server: String
        package var namespace: String
        package var lease: String
        @OrNull package var holder: ClusterHolder?
        /// The run that is not at its end.
        @OrNull package var openRun: OpenRun?
        @OrNull package var stopRequest: StopRequest?
        /// The last time that somebody broke it, from whatever machine.
        @OrNull package var lastBreak: Break?

        package init(
            server: String, namespace: String, lease: String, holder: ClusterHolder? = nil,
            openRun: OpenRun? = nil, stopRequest: StopRequest? = nil, lastBreak: Break? = nil
        ) {
            self.server = server
            self.namespace = namespace
            self.lease = lease
            _holder = OrNull(wrappedValue: holder)
            _openRun = OrNull(wrappedValue: openRun)
            _stopRequest = OrNull(wrappedValue: stopRequest)
            _lastBreak = OrNull(wrappedValue: lastBreak)
        }
    }

    package let formatVersion = "1.0"
    package let kind = "Lock"
    package var stateFile: StateFile
    package var cluster: Cluster
    /// What the state file has of locks of this cluster that were broken, oldest first.
    package var breaks: [Break]

    package init(stateFile: StateFile, cluster: Cluster, breaks: [Break]) {
        self.stateFile = stateFile
        self.cluster = cluster
        self.breaks = breaks
    }
}

// MARK: - Text

extension LockReport {
    package var document: TextDocument {
        var document = TextDocument()
        document.add(TextLine("State file ", .bold) + TextLine(stateFile.path))
        document.add(fileLine, indent: 2)
        document.addGap()
        document.add(
            TextLine("Cluster ", .bold)
                + TextLine(
                    "\(cluster.server), Lease \(cluster.lease) in namespace \(cluster.namespace)"))
        for line in clusterLines { document.add(line, indent: 2) }
        if !breaks.isEmpty {
            document.addHeading("Broken by hand, as this state file has it")
            var table = TextTable(header: ["AT", "BY", "HELD BY", "REASON"])
            for entry in breaks {
                table.add([
                    TextLine(Phrases.time(entry.at)), TextLine(entry.by), TextLine(entry.held),
                    TextLine(entry.why),
                ])
            }
            document.add(table, indent: 2)
        }
        return document
    }

    private var fileLine: TextLine {
        guard stateFile.isHeld else { return TextLine("free", .green) }
        guard let holder = stateFile.holder else {
            return TextLine("held", .yellow) + TextLine(" by another meshctl")
        }
        return TextLine("held", .yellow)
            + TextLine(
                " by meshctl \(holder.command), process \(holder.process) on \(holder.host), "
                    + "since \(Phrases.time(holder.since))")
    }

    private var clusterLines: [TextLine] {
        var lines: [TextLine] = []
        if let holder = cluster.holder {
            let since = holder.since.map { ", since \(Phrases.time($0))" } ?? ""
            lines.append(TextLine("held", .yellow) + TextLine(" by \(holder.text)\(since)"))
            let time = Phrases.duration(milliseconds: holder.unchangedFor)
            lines.append(
                holder.isAlive
                    ? TextLine("alive: it was renewed while this was looked at")
                    : TextLine("not renewed for \(time): the next command takes it over", .yellow))
        } else {
            lines.append(TextLine("free", .green))
        }
        if let run = cluster.openRun {
            lines.append(
                TextLine(
                    "run \(run.id) is not at its end: \(run.operation) of \(run.plan), "
                        + "by \(run.startedBy)"))
        }
        if let request = cluster.stopRequest {
            lines.append(TextLine("asked to stop, \(request.why), by \(request.by)"))
        }
        if let last = cluster.lastBreak, breaks.last?.at != last.at {
            lines.append(
                TextLine(
                    "broken by \(last.by) at \(Phrases.time(last.at)), then held by "
                        + "\(last.held): \(last.why)"))
        }
        return lines
    }
}
