package import MeshModel
package import MeshPlanning

/// Gates that need no more than the state that was read just before.
extension SampledGate where Sample == MeshState {
    package func sample(with reader: GateReader) async -> MeshState { reader.state }
}

extension CNIReady: SampledGate {}
extension DNSReady: SampledGate {}
extension Enrolled: SampledGate {}
extension WorkloadsReady: SampledGate {}
