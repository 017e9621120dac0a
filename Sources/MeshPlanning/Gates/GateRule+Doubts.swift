import MeshModel

extension GateRule {
    /// An inconclusive finding.
    ///
    /// - Parameters:
    ///   - reason: what was not seen, to follow `because`.
    ///   - hint: nil for what always helps where the plan file can accept it.
    func doubt(
        about subject: String, in namespace: String?, because reason: String,
        evidence: [String] = [], hint: String? = nil, command: String? = nil
    ) -> GateFinding {
        finding(
            .inconclusive, about: subject, in: namespace, "cannot judge, because \(reason)",
            evidence: evidence, hint: hint ?? (namespace == nil ? nil : GateWords.askAgain),
            command: command)
    }

    /// Several doubts about one thing: the first is its reason, the others are its evidence, before what else
    /// was seen.
    func doubt(
        about subject: String, in namespace: String?, because reasons: [String],
        evidence: [String] = [], hint: String? = nil, command: String? = nil
    ) -> GateFinding {
        let others = reasons.dropFirst()
        return doubt(
            about: subject, in: namespace,
            because: (reasons.first ?? "nothing was seen")
                + (others.isEmpty ? "" : " (and \(others.count) more)"),
            evidence: GateWords.evidence(Array(others) + evidence), hint: hint, command: command)
    }

    /// The same doubt in each namespace, so that the plan file can accept it there; about the mesh where the
    /// question names none.
    func doubts(
        in namespaces: [String], because reason: String, hint: String? = nil,
        command: String? = nil
    ) -> [GateFinding] {
        doubts(in: namespaces, because: [reason], hint: hint, command: command)
    }

    /// The same doubts in each namespace.
    func doubts(
        in namespaces: [String], because reasons: [String], hint: String? = nil,
        command: String? = nil
    ) -> [GateFinding] {
        guard !namespaces.isEmpty else {
            return [doubt(about: "the mesh", in: nil, because: "no namespace is named")]
        }
        return Set(namespaces).sorted().map {
            doubt(
                about: "namespace \($0)", in: $0, because: reasons, hint: hint, command: command)
        }
    }
}

extension WorkloadID {
    /// `Deployment shop/cart`
    var subject: String { ObjectReference(self).text }

    /// `kubectl -n shop rollout restart deployment/cart`
    func rollout(_ verb: String) -> String {
        "kubectl -n \(namespace) rollout \(verb) \(kind.rawValue.lowercased())/\(name)"
    }
}
