import MeshModel
import MeshPlanning
import Timing

/// Looks, put together in a few words. Times are in seconds after the base.
enum GuardFixtures {
    static let cart = "shop/Deployment/cart"
    static let start = Timestamp(milliseconds: 1_790_000_000_000)

    /// Five refusals within two minutes end the run.
    static let rule = AbortRule()

    static func watch(
        _ target: TrafficGuard.Target, rule: AbortRule = rule, base: GuardLook = look(0)
    ) -> GuardWatch {
        GuardWatch([TrafficGuard(batch: 3, targets: [target])], rule: rule, base: base)
    }

    static func target(
        required: [String] = ["shop/Deployment/web"], givenUp: [String] = [],
        givenUpPorts: [String: [Int]] = [:], outsidePorts: [Int] = []
    ) -> TrafficGuard.Target {
        TrafficGuard.Target(
            workload: cart, required: required, givenUp: givenUp, givenUpPorts: givenUpPorts,
            hasOutsideClients: !outsidePorts.isEmpty, outsidePorts: outsidePorts,
            services: ["shop/cart"])
    }

    static func look(
        _ seconds: Int64, _ proxies: [GuardLook.Proxy]? = nil, lines: [GuardLook.Line] = [],
        pods: [GuardLook.PodHealth] = [], unseen: [String] = []
    ) -> GuardLook {
        GuardLook(
            at: start + .seconds(seconds), proxies: proxies ?? [ztunnel(), client(), server()],
            lines: lines, pods: pods, unseen: unseen)
    }

    /// - Parameters:
    ///   - refused: connections that it closed with DENY, by who opened them.
    ///   - age: how long before the base it started, in seconds.
    static func ztunnel(
        _ refused: [GuardLook.Source: Int] = [:], process: String = "a", age: Int64 = 86_400
    ) -> GuardLook.Proxy {
        proxy(
            "ztunnel istio-system/ztunnel-1", process, age,
            refused.map { .init(.refused, from: $0, to: cart, $1) })
    }

    /// The sidecar of `shop/web`.
    static func client(
        reset: Int = 0, sent: Int? = nil, age: Int64 = 86_400
    ) -> GuardLook.Proxy {
        proxy(
            "port 15020 of pod shop/web-0", "a", age,
            [
                .init(.reset, from: web, to: cart, reset),
                .init(.sent, from: web, to: cart, sent ?? reset),
            ])
    }

    /// The sidecar of `shop/cart`; nil where its page does not say.
    static func server(_ unmatched: Int? = 0, age: Int64 = 86_400) -> GuardLook.Proxy {
        proxy(
            "port 15090 of pod shop/cart-0", "a", age,
            unmatched.map { [.init(.unmatched, from: .unknown, to: cart, $0)] })
    }

    private static func proxy(
        _ name: String, _ process: String, _ age: Int64, _ counts: [GuardLook.Count]?
    ) -> GuardLook.Proxy {
        GuardLook.Proxy(
            name: name, process: process, since: start.milliseconds - age * 1000, targets: [cart],
            counts: counts)
    }

    static let web = GuardLook.Source.workload("shop/web")
    static let report = GuardLook.Source.workload("batch/report")
    static let scanner = GuardLook.Source.address("192.0.2.7")
    static let probe = GuardLook.Source.probe("shop/meshctl-probe-x")

    /// So many lines, ten a second up to this time.
    static func lines(
        _ count: Int, until seconds: Int64, _ kind: GuardLook.Line.Kind = .refused,
        from source: GuardLook.Source, port: Int = 8080
    ) -> [GuardLook.Line] {
        (0..<count).map { number in
            GuardLook.Line(
                at: (start + .seconds(seconds)).milliseconds - 100 * Int64(number), kind,
                from: source,
                address: "10.0.1.7:\(32_000 + number)", to: cart, port: port)
        }
    }

    static func pod(
        _ name: String = "cart-0", isReady: Bool = true, isCaptured: Bool = false,
        restarts: Int = 0
    ) -> GuardLook.PodHealth {
        GuardLook.PodHealth(
            workload: cart, pod: "shop/\(name)", uid: "uid-\(name)", isReady: isReady,
            isCaptured: isCaptured, restarts: restarts)
    }
}

extension GuardReport {
    /// Those that count.
    var countedRefusals: [Refusal] { refusals.filter { $0.excuse == nil } }

    /// `shop/Deployment/web 5`, with `(…)` for what is only listed.
    var lines: [String] {
        refusals.map { refusal in
            let text = "\(refusal.source) \(refusal.count)"
            return refusal.excuse == nil ? text : "(\(text))"
        }
    }
}
