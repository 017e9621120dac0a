import MeshModel

/// One way in which objects of the cluster tell of a flow; `docs/flows.md` describes each.
protocol FlowRule {
    static func flows(in facts: InferenceFacts) -> [Flow]
}

enum FlowRules {
    static var all: [any FlowRule.Type] {
        [
            NodePortRule.self, APIServerRule.self, HeadlessPeersRule.self, ReferenceRule.self,
            IngressRule.self, GatewayRouteRule.self, VirtualServiceRule.self, ScrapeRule.self,
            MappingRule.self,
        ]
    }
}
