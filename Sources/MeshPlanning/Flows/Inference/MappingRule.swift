/// What Emissary's Mappings lead to (`MappingFlows`).
enum MappingRule: FlowRule {
    static func flows(in facts: InferenceFacts) -> [Flow] { MappingFlows.flows(in: facts.state) }
}
