/// The pages of one list as they come in.
struct ListPages<Item: Sendable> {
    private(set) var items: [Item] = []
    private(set) var resourceVersion = ""
    private(set) var continueToken: String?
    private(set) var areComplete = false
    private var count = 0
    private var restarts = 0

    /// 5 million objects: beyond any cluster, and an end for a server that always has one page more.
    private static var maximumPages: Int { 10_000 }
    private static var maximumRestarts: Int { 3 }

    /// False when the server goes in circles.
    mutating func append(_ page: ListPage<Item>) -> Bool {
        count += 1
        items += page.items
        resourceVersion = page.resourceVersion
        let isRepeated = page.continueToken != nil && page.continueToken == continueToken
        continueToken = page.continueToken
        areComplete = continueToken == nil
        return areComplete || (!isRepeated && count < Self.maximumPages)
    }

    /// The continuation has expired: the list begins anew, since its pages must be of one moment.
    /// False when there was no continuation, or it has expired too often.
    mutating func restart() -> Bool {
        guard continueToken != nil, restarts < Self.maximumRestarts else { return false }
        restarts += 1
        items = []
        continueToken = nil
        return true
    }
}
