import CZlib

/// zlib's format (RFC 1950), through the system's library.
enum Zlib {
    enum Failure: Error, Equatable {
        /// Not a whole stream of this format, or something follows it.
        case damaged
        /// It holds more than is allowed.
        case tooLarge
    }

    /// nil only where there is no memory left.
    static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        var count = compressBound(UInt(bytes.count))
        var result = [UInt8](repeating: 0, count: Int(count))
        guard compress(&result, &count, bytes, UInt(bytes.count)) == Z_OK else { return nil }
        return Array(result.prefix(Int(count)))
    }

    /// Memory and time are bounded by `limit`, whatever the bytes say of themselves.
    static func decompressed(
        _ bytes: [UInt8], atMost limit: Int
    ) throws(Failure) -> [UInt8] {
        // zlib keeps the stream's address.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        guard inflateInit_(stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .damaged
        }
        defer { inflateEnd(stream) }
        var input = bytes
        var output: [UInt8] = []
        let status = input.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(clamping: input.count)
            return inflateAll(stream, into: &output, atMost: limit)
        }
        guard output.count <= limit else { throw .tooLarge }
        guard status == Z_STREAM_END, stream.pointee.avail_in == 0 else { throw .damaged }
        return output
    }

    /// Stops with the first status that is not "go on", or past the limit.
    private static func inflateAll(
        _ stream: UnsafeMutablePointer<z_stream>, into output: inout [UInt8], atMost limit: Int
    ) -> Int32 {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var status = Z_OK
        while status == Z_OK, output.count <= limit {
            let left = chunk.withUnsafeMutableBufferPointer { chunk in
                stream.pointee.next_out = chunk.baseAddress
                stream.pointee.avail_out = UInt32(chunk.count)
                status = inflate(stream, Z_NO_FLUSH)
                return Int(stream.pointee.avail_out)
            }
            output += chunk.dropLast(left)
        }
        return status
    }

    /// CRC-32, as in a gzip file.
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32(0, bytes, UInt32(clamping: bytes.count)))
    }
}
