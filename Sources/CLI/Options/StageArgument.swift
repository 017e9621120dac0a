import ArgumentParser
import MeshModel

/// `--stage`
enum StageArgument: String, ExpressibleByArgument, CaseIterable {
    case enroll, permissive, strict

    var stage: Stage {
        switch self {
        case .enroll: .enroll
        case .permissive: .permissive
        case .strict: .strict
        }
    }
}
