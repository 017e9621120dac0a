/// An address as proxies log it: `10.0.0.7:8080`, `[fd00::7]:8080`.
package struct SocketAddress: Sendable, Hashable {
    /// Without brackets.
    package var address: String
    package var port: Int

    package init(address: String, port: Int) {
        self.address = address
        self.port = port
    }

    package init?(_ text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var address = Substring(text[..<colon])
        if address.first == "[", address.last == "]" { address = address.dropFirst().dropLast() }
        guard !address.isEmpty else { return nil }
        self.init(address: String(address), port: port)
    }
}
