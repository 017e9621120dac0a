import MeshModel
import MeshPlanning

/// Times the planning core on synthetic meshes and prints how it grows; `docs/benchmarks.md` says how to
/// read it. Absolute times say little on a busy machine, so each line is a ratio to the smallest mesh.
@main
struct Meshbench {
    static func main() {
        let smallest = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 50
        guard smallest > 0 else {
            print(
                "usage: meshbench [NAMESPACES]   # of the smallest mesh; the largest has ten times as many"
            )
            return
        }
        print("namespaces  workloads   pods   flows   steps  plan time   growth")
        var first: Duration?
        for factor in [1, 2, 5, 10] {
            let mesh = SyntheticMesh(namespaces: smallest * factor)
            let (time, steps) = planned(mesh)
            let base = first ?? time
            first = base
            print(
                [
                    column(mesh.plan.namespaces.count, 10), column(mesh.state.workloads.count, 10),
                    column(mesh.state.pods.count, 6), column(mesh.flows.count, 7),
                    column(steps, 7),
                    column(text(milliseconds(time)) + " ms", 10),
                    "  \(factor)x work: \(text(milliseconds(time) / milliseconds(base)))x time",
                ].joined(separator: " "))
        }
    }

    /// The best of three: what else the machine does only adds.
    private static func planned(_ mesh: SyntheticMesh) -> (Duration, steps: Int) {
        let clock = ContinuousClock()
        var best: Duration?
        var steps = 0
        for _ in 0..<3 {
            let time = clock.measure {
                let planned = RolloutPlanner.plan(mesh.plan, on: mesh.state, flows: mesh.flows)
                precondition(!planned.isBlocked, "the benchmark's plan is blocked")
                steps = planned.rollout.steps.count
            }
            best = min(best ?? time, time)
        }
        return (best ?? .zero, steps)
    }

    private static func milliseconds(_ time: Duration) -> Double {
        let (seconds, attoseconds) = time.components
        return Double(seconds) * 1000 + Double(attoseconds) / 1e15
    }

    private static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func column(_ value: some CustomStringConvertible, _ width: Int) -> String {
        let text = value.description
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
