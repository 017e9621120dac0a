package import MeshPlanning

extension ZtunnelReady: SampledGate {
    package func sample(with reader: GateReader) async -> Sample {
        Sample(
            state: reader.state,
            answers: await reader.readiness(
                of: podsToAsk(in: reader.state), port: 15021, path: "/healthz/ready"))
    }
}
