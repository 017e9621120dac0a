import CCurl
import Glibc

extension TransportError {
    /// What libcurl's result means for a caller that has to decide about trying again.
    ///
    /// - Parameter requestBegan: the connection was ready and libcurl had begun to send the request.
    init(_ code: CURLcode, said: String, systemError: Int, requestBegan: Bool) {
        let fallback = String(cString: curl_easy_strerror(code))
        self.init(
            Self.kind(code, said: said, systemError: systemError, requestBegan: requestBegan),
            mayHaveReachedServer: requestBegan, message: said.isEmpty ? fallback : said)
    }

    private static func kind(
        _ code: CURLcode, said: String, systemError: Int, requestBegan: Bool
    ) -> Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve
        case CURLE_COULDNT_CONNECT, CURLE_PROXY: .refused
        case CURLE_SSL_CONNECT_ERROR:
            // The peer hung up in the handshake: a restarting server, not a lack of trust.
            systemError == Int(ECONNRESET) ? .reset : .tls
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT,
            CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
            CURLE_SSL_ENGINE_INITFAILED:
            .tls
        case CURLE_OPERATION_TIMEDOUT: requestBegan ? .timeout : .connectTimeout
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR:
            // With TLS 1.3 a server refuses a client certificate after the client believes itself
            // connected; the refusal arrives as an alert where the answer should be.
            said.contains("alert") ? .tls : .reset
        case CURLE_GOT_NOTHING, CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_SEND_FAIL_REWIND: .reset
        case CURLE_PARTIAL_FILE: .truncated
        case CURLE_FILESIZE_EXCEEDED: .tooLarge
        default: .other
        }
    }
}
