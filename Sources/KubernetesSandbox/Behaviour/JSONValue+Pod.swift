import JSON

extension JSONValue {
    var podPhase: String { self["status"]?["phase"]?.string ?? "" }

    var isReadyPod: Bool { condition("Ready")?["status"] == "True" && !isTerminating }

    /// A pod that counts for its controller: neither going nor at its end.
    var isActivePod: Bool { !isTerminating && podPhase != "Succeeded" && podPhase != "Failed" }

    var isHostNetwork: Bool { self["spec"]?["hostNetwork"] == true }

    /// The container ports that it declares, in their order.
    var containerPorts: [Int] {
        (self["spec"]?["containers"]?.array ?? []).flatMap { $0["ports"]?.array ?? [] }
            .compactMap { $0["containerPort"]?.integer.flatMap(Int.init(exactly:)) }
    }

    func condition(_ type: String) -> JSONValue? {
        self["status"]?["conditions"]?.array?.first { $0["type"]?.string == type }
    }

    /// Sets a condition; the time of transition moves only when its status changes.
    mutating func setCondition(
        _ type: String, _ status: String, at time: String, reason: String? = nil,
        message: String? = nil, updateTime: Bool = false
    ) {
        var conditions = self["status"]?["conditions"]?.array ?? []
        let index = conditions.firstIndex { $0["type"]?.string == type }
        let old = index.map { conditions[$0] }
        var new: JSONValue = ["type": .string(type), "status": .string(status)]
        new["reason"] = reason.map(JSONValue.string)
        new["message"] = message.map(JSONValue.string)
        let transition = old?["lastTransitionTime"]?.omitted(if: old?["status"]?.string != status)
        new["lastTransitionTime"] = transition ?? .string(time)
        if updateTime {
            let same =
                old?["reason"] == new["reason"] && old?["message"] == new["message"]
                && old?["status"] == new["status"]
            new["lastUpdateTime"] = old?["lastUpdateTime"]?.omitted(if: !same) ?? .string(time)
        }
        if let index { conditions[index] = new } else { conditions.append(new) }
        set(["status", "conditions"], .array(conditions))
    }
}
