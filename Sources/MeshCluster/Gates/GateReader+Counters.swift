import MeshModel
import MeshPlanning
import Telemetry

extension GateReader {
    /// What a sidecar, a gateway or a ztunnel has counted since it started.
    func counters(of proxy: Pod) async -> Reading<TrafficCounters> {
        await page(of: proxy, port: proxy.telemetryPort, path: Self.statistics).flatMap { text in
            do throws(TrafficCounters.Failure) {
                return .seen(try TrafficCounters(page: text))
            } catch {
                return .unseen(
                    why: "the counters of pod \(proxy.meta.text) cannot be read: \(error.sentence)")
            }
        }
    }

    /// What the listeners of a sidecar's Envoy have counted since it started.
    func listenerCounters(of proxy: Pod) async -> Reading<EnvoyListenerCounters> {
        await page(of: proxy, port: Pod.envoyPort, path: Self.statistics).flatMap { text in
            do throws(TrafficCounters.Failure) {
                return .seen(try EnvoyListenerCounters(page: text))
            } catch {
                return .unseen(
                    why: "Envoy's counters of pod \(proxy.meta.text) cannot be read: "
                        + error.sentence)
            }
        }
    }

    private static let statistics = "/stats/prometheus"
}

extension Pod {
    /// The agent's merged page, which a pod may move; ztunnel's own.
    var telemetryPort: Int {
        guard !isZtunnel else { return 15_020 }
        return meta.annotations["status.sidecar.istio.io/port"].flatMap { Int($0) } ?? 15_020
    }

    /// Envoy's own page.
    static let envoyPort = 15_090
}

extension Reading {
    fileprivate func flatMap<Other: Sendable>(
        _ transform: (Value) -> Reading<Other>
    ) -> Reading<Other> {
        switch self {
        case .seen(let value): transform(value)
        case .unseen(let why): .unseen(why: why)
        }
    }
}

extension TrafficCounters.Failure {
    fileprivate var sentence: String {
        switch self {
        case .text(.malformed(let line)): "line \(line) is not in Prometheus' format"
        case .text(.cutOff): "the page is cut off"
        case .text(.tooLarge): "the page is too large"
        case .notACount(let name): "\(name) has a value that is no count"
        }
    }
}
