package import MeshPlanning

/// A gate with the reading that its rule judges.
package protocol SampledGate: GateRule {
    /// Never fails: what cannot be seen is part of the sample.
    func sample(with reader: GateReader) async -> Sample
}
