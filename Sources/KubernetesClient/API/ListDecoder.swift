package import JSON
import Foundation

/// One page of a list.
package struct ListPage<Item: Sendable>: Sendable {
    package var items: [Item]
    /// Nil on the last page.
    package var continueToken: String?
    package var resourceVersion: String

    package init(items: [Item], continueToken: String?, resourceVersion: String) {
        self.items = items
        self.continueToken = continueToken
        self.resourceVersion = resourceVersion
    }
}

/// From a page's bytes to the few fields that are needed: the seam per resource. JSON today for all;
/// another encoding of a core type is another decoder with another `mediaType`, and no caller changes.
package struct ListDecoder<Item: Sendable>: Sendable {
    /// For the `Accept` header.
    package var mediaType: String
    /// Throws what is wrong with the page; the client adds whose page it is.
    package var decode: @Sendable (_ page: [UInt8], _ contentType: String) throws -> ListPage<Item>

    package init(
        mediaType: String,
        decode:
            @escaping @Sendable (_ page: [UInt8], _ contentType: String) throws ->
            ListPage<Item>
    ) {
        self.mediaType = mediaType
        self.decode = decode
    }
}

extension ListDecoder where Item: Decodable {
    /// Reads JSON pages whose items are `Item`, which decodes only the fields it needs.
    package static func json(_ type: Item.Type = Item.self) -> ListDecoder<Item> {
        ListDecoder(mediaType: "application/json") { page, _ in
            let list = try JSONDecoder().decode(JSONList<Item>.self, from: Data(page))
            let token = list.metadata.continue ?? ""
            return ListPage(
                items: list.items ?? [], continueToken: token.isEmpty ? nil : token,
                resourceVersion: list.metadata.resourceVersion ?? "")
        }
    }
}

extension ListDecoder where Item == JSONValue {
    /// Whole objects. For lists that are short: each takes many times the memory of its text.
    package static var documents: ListDecoder<JSONValue> {
        ListDecoder(mediaType: "application/json") { page, _ in
            let list = try JSONValue(parsing: page)
            let items = list["items"] ?? .null
            guard let metadata = list["metadata"]?.object, items.isNull || items.array != nil else {
                throw DecodingError.dataCorrupted(
                    DecodingError.Context(codingPath: [], debugDescription: "It is no list."))
            }
            let token = metadata["continue"]?.string ?? ""
            return ListPage(
                items: items.array ?? [], continueToken: token.isEmpty ? nil : token,
                resourceVersion: metadata["resourceVersion"]?.string ?? "")
        }
    }
}

/// The envelope of every list. `items` is null where Go has a nil slice.
private struct JSONList<Item: Decodable>: Decodable {
    struct Metadata: Decodable {
        var `continue`: String?
        var resourceVersion: String?
    }

    var metadata: Metadata
    var items: [Item]?
}

/// What a list call gives.
package struct ResourceList<Item: Sendable>: Sendable {
    package var items: [Item]
    /// Where a watch goes on from.
    package var resourceVersion: String
}
