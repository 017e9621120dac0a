import HTTPTypes
import JSON

extension SandboxCluster {
    /// Answers one request. Time does not move; a dry run changes nothing.
    package mutating func handle(_ request: SandboxRequest) -> SandboxAnswer {
        guard let fault = faults.meet(request) else { return answerWhole(request) }
        switch fault.kind {
        case .apiStatus:
            let status = APIStatus.fault(fault.status ?? 500)
            var response = status.response
            response.retryAfter = status.code == 429 ? 1 : nil
            return .response(response)
        case .apiSlow:
            let answer = answerWhole(request)
            guard case .response(let response) = answer, let delay = fault.delay else {
                return answer
            }
            return .slow(response, delay)
        case .lostResponses: _ = answerWhole(request)
        default: break
        }
        return .lost
    }

    private mutating func answerWhole(_ request: SandboxRequest) -> SandboxAnswer {
        do throws(APIStatus) {
            return try answer(request)
        } catch {
            return .response(error.response)
        }
    }

    private mutating func answer(_ request: SandboxRequest) throws(APIStatus) -> SandboxAnswer {
        let user = try SandboxUser(request)
        switch RequestTarget(request.segments) {
        case .health: return .response(SandboxResponse(text: "ok"))
        case .version: return .response(SandboxResponse(Discovery.version))
        case .coreVersions: return .response(SandboxResponse(Discovery.coreVersions))
        case .groups: return .response(SandboxResponse(Discovery.groups))
        case .group(let group):
            guard let document = Discovery.group(group) else { return .response(.pageNotFound) }
            return .response(SandboxResponse(document))
        case .resources(let group, let version):
            guard let document = Discovery.resources(group: group, version: version) else {
                return .response(.pageNotFound)
            }
            return .response(SandboxResponse(document))
        case .review(let kind):
            guard request.method == .post else { throw .methodNotAllowed }
            return .response(
                SandboxResponse(try user.review(kind, request, now: now), status: 201))
        case .unknown:
            let group = request.segments.first == "api" ? "" : request.segments.dropFirst().first
            let isBuiltIn = SandboxResource.all.contains { $0.group == group && !$0.isCustom }
            if isBuiltIn, request.segments.count > 2 { throw .unknownResource }
            return .response(.pageNotFound)
        case .collection(let resource, let version, let namespace):
            let scope = RequestScope(
                resource: resource, version: version, namespace: namespace, name: "",
                request: request)
            try user.check(scope)
            return try collection(scope)
        case .object(let resource, let version, let namespace, let name, let subresource):
            let scope = RequestScope(
                resource: resource, version: version, namespace: namespace, name: name,
                request: request)
            try user.check(scope)
            return .response(try object(scope, subresource))
        }
    }

    private mutating func collection(_ scope: RequestScope) throws(APIStatus) -> SandboxAnswer {
        switch scope.request.method {
        case .get, .head:
            if scope.request.flag("watch") { return .watch(try watch(scope)) }
            return .response(try list(scope))
        case .post:
            try scope.checkWritable()
            if scope.resource.isNamespaced, scope.namespace.isEmpty { throw .methodNotAllowed }
            return .response(
                try dryRunnable(scope) { state, scope throws(APIStatus) in
                    try state.create(scope)
                })
        case .delete:
            try scope.checkWritable()
            guard scope.resource.isNamespaced != scope.namespace.isEmpty,
                Discovery.verbs(scope.resource).contains("deletecollection")
            else { throw .methodNotAllowed }
            return .response(
                try dryRunnable(scope) { state, scope throws(APIStatus) in
                    try state.deleteCollection(scope)
                })
        default: throw .methodNotAllowed
        }
    }

    private mutating func object(
        _ scope: RequestScope, _ subresource: [String]
    ) throws(APIStatus) -> SandboxResponse {
        let resource = scope.resource
        switch subresource.first {
        case nil: break
        case "status" where resource.hasStatus: break
        case "scale" where resource.features.contains(.scale): return try scale(scope)
        case "log" where resource.kind == "Pod": return try podLog(scope)
        case "proxy" where resource.kind == "Pod":
            return try podPage(scope, Array(subresource.dropFirst()))
        default: throw .unknownResource
        }
        var scope = scope
        scope.subresource = subresource.first ?? ""
        switch scope.request.method {
        case .get, .head: return try get(scope)
        case .put:
            try scope.checkWritable()
            return try dryRunnable(scope) { state, scope throws(APIStatus) in
                try state.update(scope)
            }
        case .patch:
            try scope.checkWritable()
            return try dryRunnable(scope) { state, scope throws(APIStatus) in
                try state.patch(scope)
            }
        case .delete where scope.subresource.isEmpty:
            try scope.checkWritable()
            return try dryRunnable(scope) { state, scope throws(APIStatus) in
                try state.delete(scope)
            }
        default: throw .methodNotAllowed
        }
    }

    /// A dry run is the same write on a copy of the cluster, which is then thrown away.
    private mutating func dryRunnable(
        _ scope: RequestScope,
        _ write: (inout SandboxCluster, RequestScope) throws(APIStatus) -> SandboxResponse
    ) throws(APIStatus) -> SandboxResponse {
        guard let dryRun = try scope.dryRun() else { return try write(&self, scope) }
        guard dryRun == "All" else {
            throw .badRequest("dryRun: Unsupported value: \"\(dryRun)\": supported values: \"All\"")
        }
        var copy = self
        var scope = scope
        scope.isDryRun = true
        return try write(&copy, scope)
    }
}

/// What one request on a resource is about.
struct RequestScope {
    let resource: SandboxResource
    let version: String
    let namespace: String
    let name: String
    let request: SandboxRequest
    var subresource = ""
    var isDryRun = false

    init(
        resource: SandboxResource, version: String, namespace: String, name: String,
        request: SandboxRequest
    ) {
        self.resource = resource
        self.version = version
        self.namespace = namespace
        self.name = name
        self.request = request
    }

    var apiVersion: String { resource.apiVersion(version) }

    func checkWritable() throws(APIStatus) {
        if resource.features.contains(.readOnly) { throw .methodNotAllowed }
    }

    /// The query's `dryRun`, or that of the delete options in the body.
    func dryRun() throws(APIStatus) -> String? {
        if let value = request.parameter("dryRun") { return value }
        guard request.method == .delete else { return nil }
        return try deleteOptions()["dryRun"]?.array?.first?.string
    }

    func deleteOptions() throws(APIStatus) -> JSONValue {
        request.body.isEmpty ? [:] : try BodyReader.document(request, for: resource)
    }

    /// The query's `fieldManager`, else the first word of the user agent.
    var writer: Writer {
        let agent = (request.fields[.userAgent] ?? "").prefix { $0 != "/" }
        let name = request.parameter("fieldManager") ?? (agent.isEmpty ? "unknown" : String(agent))
        return Writer(
            name: String(name.prefix(128)), apiVersion: apiVersion, subresource: subresource)
    }

    /// The object as this request's version shows it.
    func presented(_ object: JSONValue) -> JSONValue {
        var object = object
        object["apiVersion"] = .string(apiVersion)
        object["kind"] = .string(resource.kind)
        return object
    }
}
