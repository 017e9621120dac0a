import MeshModel

/// Where a step stands among others: which it must follow, and with which it may change places.
struct StepPlace: Hashable {
    /// Steps of one segment may change places: whatever their order, it ends the same.
    var segment: Int
    /// Steps of one chain keep their order by rank; equal ranks may change places.
    var chain: String
    var rank: Int
}

/// Steps in their batches, each with its place.
struct PlacedSteps {
    struct Placed: Hashable {
        var step: Step
        var place: StepPlace
    }

    /// In order; steps of one batch run together. A batch lies within one segment.
    var batches: [[Placed]] = []

    /// Batches in runs of one segment.
    var segments: [[[Placed]]] {
        var segments: [[[Placed]]] = []
        for batch in batches {
            if let last = segments.last?.first?.first, last.place.segment == batch[0].place.segment
            {
                segments[segments.count - 1].append(batch)
            } else {
                segments.append([batch])
            }
        }
        return segments
    }

    /// The steps, with the numbers of this order.
    var steps: [Step] {
        var steps: [Step] = []
        for (number, batch) in batches.enumerated() {
            for placed in batch {
                var step = placed.step
                step.id = StepID(steps.count + 1)
                step.batch = number + 1
                steps.append(step)
            }
        }
        return steps
    }
}
