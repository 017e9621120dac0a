import MeshApply
import MeshCluster
import MeshModel
import MeshPlanning
import Reporting
import Timing

/// Asks the gates of the whole mesh, again and again until all pass or time is up.
struct GateRounds {
    let connection: ClusterConnection
    let plan: MeshPlan?
    /// Empty for all.
    let only: Set<Gate>
    let stateFile: StateOptions
    let context: CommandContext

    private static let pause = Duration.seconds(5)

    func ask(for patience: Duration) async throws -> [GateFinding] {
        let deadline = connection.clock.now() + patience
        var line = LiveLine(context)
        defer { line.clear() }
        while true {
            let state = try await ClusterObserver(connection.client)
                .observe(rootNamespace: plan?.mesh.rootNamespace).state
            let observed = try StateReader.observedFlows(
                stateFile, clusterUID: state.clusterUID, context)
            let keeper = GateKeeper(
                connection.client, clock: connection.clock,
                terms: GateKeeper.Terms(
                    rootNamespace: plan?.mesh.rootNamespace,
                    accepted: plan?.gates.accepted ?? [], observed: observed))
            let catalogue = FlowCatalogue(
                plan: plan ?? MeshPlan(name: ""), state: state, observed: observed)
            let gates = StandingGates(
                of: plan, on: state, flows: catalogue.flows,
                dismissed: catalogue.ignored.map(\.flow))
            let found = await keeper.ask(
                gates.questions.filter { only.isEmpty || only.contains($0.gate) }, on: state)
            if found.letPass || connection.clock.now() + Self.pause > deadline { return found }
            let left = found.count { !$0.letsPass }
            line.show("waiting: \(left) of \(found.count) do not pass yet")
            try await connection.clock.sleep(for: Self.pause)
        }
    }
}
