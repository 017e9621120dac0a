import Testing

@testable import KubernetesClient

@Suite("What a credential plugin says")
struct PluginWordsTests {
    @Test("is told line by line, however it comes, and the last without an end, too")
    func lines() {
        var words = PluginWords(secrets: [])
        #expect(words.lines(adding: Array("one\ntw".utf8)[...]) == ["one"])
        #expect(words.lines(adding: Array("o\n\nthree".utf8)[...]) == ["two"])
        #expect(words.end() == ["three"])
        #expect(words.end() == [])
        let endless = [UInt8](repeating: UInt8(ascii: "/"), count: 40_000)
        #expect(words.lines(adding: endless[...]).map(\.utf8.count) == [16_384, 16_384])
    }

    @Test(
        "keeps what a person needs",
        arguments: [
            "could not get token: connection refused",
            "/usr/lib/google-cloud-sdk/bin/gke-gcloud-auth-plugin: x",
            "open https://login.example.com/authorize?code_challenge=aaaaaaaaaabbbbbbbbbbccccccccccdddddddddde",
            "ID 0f8fad5b-d9cb-469f-a165-70867728950e", "enter the code ABCD-1234",
        ])
    func plain(line: String) { #expect(PluginWords(secrets: []).masked(line) == line) }

    @Test("holds nothing that looks like a credential")
    func masked() {
        let words = PluginWords(secrets: [Secret("hunter2"), Secret("")])
        let long = String(repeating: "a1", count: 20)
        for (line, shown) in [
            ("the secret is 'hunter2'.", "the secret is '<redacted>'."),
            (#"{"token": "abc", "x": 1}"#, #"{"token": "<redacted>", "x": 1}"#),
            (#"{"clientKeyData":"abc"}"#, #"{"clientKeyData":"<redacted>"}"#),
            ("POST id_token=abc&x password=p", "POST id_token=<redacted> password=<redacted>"),
            ("got \(long).", "got <redacted>"), ("'eyJ.\(long)'", "'<redacted>'"),
            ("at https://me:p@h/x", "at https://<redacted>@h/x"),
        ] { #expect(words.masked(line) == shown) }
    }
}
