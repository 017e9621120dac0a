package import MeshModel

/// A flow that is carried today, and that a step would refuse, garble, or leave unjudged.
package struct FlowBreak: Sendable, Hashable {
    package var flow: Flow
    /// The step that breaks it.
    package var step: Step
    /// The client's and the server's ends between which it breaks; nil for what is not a pod.
    package var client: Pod?
    package var server: Pod?
    /// The container port.
    package var port: Int
    package var before: FlowVerdict
    package var after: FlowVerdict
    /// Only while the step is on its way: proxies hold the old and the new.
    package var isTransient: Bool

    package init(
        flow: Flow, step: Step, client: Pod?, server: Pod?, port: Int, before: FlowVerdict,
        after: FlowVerdict, isTransient: Bool
    ) {
        self.flow = flow
        self.step = step
        self.client = client
        self.server = server
        self.port = port
        self.before = before
        self.after = after
        self.isTransient = isTransient
    }
}
