package import MeshPlanning

extension ControlPlaneReady: SampledGate {
    package func sample(with reader: GateReader) async -> Sample {
        Sample(
            state: reader.state,
            answers: await reader.readiness(
                of: podsToAsk(in: reader.state), port: 8080, path: "/ready"))
    }
}
