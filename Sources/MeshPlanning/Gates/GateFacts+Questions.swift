import MeshModel

// What a batch rests on, whichever way a rollout goes.

extension GateFacts {
    /// The parts of Istio and of the cluster that the batch rests on.
    func health(
        _ batch: [Step], _ tightened: [Tightening], _ settings: GateSettings
    ) -> [GateQuestion] {
        let stricter = Set(tightened.map(\.namespace))
        let enrolling = enrolling(batch)
        let ambient = enrolling.union(stricter.filter(isAmbient)).sorted()
        var questions: [GateQuestion] = [
            .controlPlaneReady(ControlPlaneReady(revisions: revisions(of: batch)))
        ]
        if !enrolling.isEmpty {
            questions.append(.cniReady(CNIReady(namespaces: enrolling.sorted())))
        }
        if !ambient.isEmpty {
            questions += GateQuestion.ofZtunnel(in: ambient, settings)
        }
        if !stricter.isEmpty || batch.contains(where: \.change.movesPods) {
            questions.append(.dnsReady(DNSReady(settings.dnsReady)))
        }
        return questions
    }
}

extension GateQuestion {
    /// What has to hold where somebody is about to get stricter.
    ///
    /// - Parameter unmanaged: why pods that no controller owns may stay as they are, by namespace.
    static func ofTightening(
        _ tightened: [Tightening], _ settings: GateSettings, unmanaged: [String: String]
    ) -> [GateQuestion] {
        let namespaces = Set(tightened.map(\.namespace)).sorted()
        let withoutPlaintext = tightened.filter(\.endsPlaintext).map(\.target)
        var questions: [GateQuestion] = [
            .enrolled(Enrolled(namespaces: namespaces, acceptUnmanaged: unmanaged)),
            .workloadsReady(WorkloadsReady(namespaces: namespaces)),
        ]
        if !withoutPlaintext.isEmpty {
            questions.append(.noPlaintext(NoPlaintext(withoutPlaintext, settings)))
        }
        questions += settings.prometheus.map { .prometheus(PrometheusQuery($0)) }
        questions += settings.probes.filter { $0.expect == .success }
            .map { .probe(ProbeRequest($0)) }
        return questions
    }
}

extension Change {
    /// Whether pods come up anew, or get into another data plane.
    fileprivate var movesPods: Bool {
        switch self {
        case .labels, .restart: true
        case .policy, .traffic: false
        }
    }
}
