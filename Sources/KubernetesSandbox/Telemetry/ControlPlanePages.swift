import JSON

/// What istiod, istio-cni and CoreDNS say of themselves.
enum ControlPlanePages {
    /// - Parameters:
    ///   - proxies: how many are connected.
    ///   - pushes: how often istiod had something new for them.
    static func istiodMetrics(version: String, proxies: Int, pushes: Int64) -> String {
        var build = MetricFamily("istio_build", .gauge, help: "Istio component build info")
        build.add(1, [("component", "pilot"), ("tag", version)])
        var connected = MetricFamily(
            "pilot_xds", .gauge, help: "Number of endpoints connected to this pilot using XDS.")
        connected.add(Int64(proxies), [("version", version)])
        var pushed = MetricFamily(
            "pilot_xds_pushes", help: "Pilot build and send errors for lds, rds, cds and eds.")
        for type in ["cds", "eds", "lds", "rds"] { pushed.add(pushes, [("type", type)]) }
        return [build, connected, pushed].map(\.text).joined() + convergence(pushes)
    }

    private static func convergence(_ pushes: Int64) -> String {
        let name = "pilot_proxy_convergence_time"
        let help =
            "Delay in seconds between config change and a proxy receiving all required "
            + "configuration."
        let buckets = ["0.1", "0.5", "1", "3", "5", "10", "20", "30", "+Inf"].map { bound in
            // Each took as long as policies take to have an effect here.
            let value = ["0.1", "0.5", "1"].contains(bound) ? 0 : pushes
            return "\(name)_bucket{le=\"\(bound)\"} \(value)\n"
        }
        return "# HELP \(name) \(help)\n# TYPE \(name) histogram\n" + buckets.joined()
            + "\(name)_sum \(pushes * 2)\n\(name)_count \(pushes)\n"
    }
}
