import JSON
import Timing

extension SandboxCluster {
    func get(_ scope: RequestScope) throws(APIStatus) -> SandboxResponse {
        let representation = try Representation(scope.request)
        guard let object = object(scope.resource.qualifiedName, scope.namespace, scope.name) else {
            throw .notFound(scope.resource, scope.name)
        }
        switch representation {
        case .full: return SandboxResponse(scope.presented(object))
        case .metadata: return SandboxResponse(Representation.partial(object))
        case .table:
            return SandboxResponse(
                Table(scope, now: now).document(
                    [object], metadata: ["resourceVersion": .string(object.resourceVersion)]))
        }
    }

    func list(_ scope: RequestScope) throws(APIStatus) -> SandboxResponse {
        let representation = try Representation(scope.request)
        let filter = try ListFilter(scope)
        let options = try ListOptions(scope.request)
        let version = options.token?.resourceVersion ?? options.exactly ?? resourceVersion
        guard let all = objects(scope.resource, at: version) else {
            throw .expired(
                "The provided continue parameter is too old to display a consistent list result.")
        }
        var keys = all.lazy.filter { filter.matches($0.value) }.map(\.key).sorted()
        if let start = options.token?.start { keys.removeAll { $0.path <= start } }
        var metadata: JSONValue = ["resourceVersion": .string(String(version))]
        if scope.resource.isCustom { metadata["continue"] = "" }
        if let limit = options.limit, keys.count > limit {
            let rest = keys.count - limit
            keys.removeLast(rest)
            let token = ContinueToken(resourceVersion: version, start: keys.last?.path ?? "")
            metadata["continue"] = .string(token.text)
            if filter.isOpen { metadata["remainingItemCount"] = JSONValue(rest) }
        }
        let items = keys.compactMap { all[$0] }
        return SandboxResponse(rendered(items, metadata, representation, scope))
    }

    private func rendered(
        _ items: [JSONValue], _ metadata: JSONValue, _ representation: Representation,
        _ scope: RequestScope
    ) -> JSONValue {
        switch representation {
        case .full:
            return [
                "kind": .string(scope.resource.kind + "List"),
                "apiVersion": .string(scope.apiVersion), "metadata": metadata,
                "items": .array(
                    items.map { item in
                        var item = scope.presented(item)
                        // Items of a typed list say no kind; those of a custom resource do.
                        if !scope.resource.isCustom {
                            item["kind"] = nil
                            item["apiVersion"] = nil
                        }
                        return item
                    }),
            ]
        case .metadata:
            return [
                "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
                "metadata": metadata, "items": .array(items.map(Representation.partial)),
            ]
        case .table:
            return Table(scope, now: now).document(items, metadata: metadata)
        }
    }

    /// The objects of a type as they were at a resourceVersion; nil when that is too long ago.
    private func objects(
        _ resource: SandboxResource, at version: Int64
    ) -> [ObjectKey: JSONValue]? {
        var present = objects[resource.qualifiedName] ?? [:]
        guard version < resourceVersion else { return present }
        guard version >= historyStart else { return nil }
        for change in history.reversed() {
            guard change.resourceVersion > version else { break }
            if change.key.resource == resource.qualifiedName { present[change.key] = change.old }
        }
        return present
    }

    func watch(_ scope: RequestScope) throws(APIStatus) -> SandboxWatch {
        let filter = try ListFilter(scope)
        let options = try ListOptions(scope.request)
        let seconds = scope.request.parameter("timeoutSeconds").flatMap(Int64.init) ?? 1800
        var watch = SandboxWatch(
            scope: scope, filter: filter, representation: try Representation(scope.request),
            deadline: now + .seconds(min(max(seconds, 0), 86_400)))
        let sendsInitial = scope.request.parameter("sendInitialEvents") == "true"
        let since = options.since ?? 0
        if sendsInitial || since == 0 {
            let present = objects[scope.resource.qualifiedName] ?? [:]
            for key in present.keys.sorted() {
                if let object = present[key], filter.matches(object) {
                    watch.initial += watch.frame("ADDED", object, now: now)
                }
            }
            if sendsInitial {
                watch.initial += watch.bookmark(resourceVersion, endsInitialEvents: true)
            }
        } else if since < historyStart {
            let status = APIStatus.expired("too old resource version: \(since) (\(historyStart))")
            watch.initial = SandboxWatch.line("ERROR", status.document)
            watch.deadline = now
        } else {
            for change in history where change.resourceVersion > since {
                watch.initial += watch.frames(for: change, now: now)
            }
        }
        watch.since = max(resourceVersion, since)
        return watch
    }
}
