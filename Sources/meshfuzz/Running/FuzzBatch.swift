import Foundation
import Glibc

/// Reads the inputs of some seeds, in a process of its own: a trap ends it, and leaves behind at which seed.
struct FuzzBatch {
    var reader: FuzzReader
    var maker: InputMaker
    /// Holds the seed in hand as 8 bytes.
    var progress: String

    /// Address space, in bytes: far above what reading 1 MiB takes, and far below a bomb's.
    private static let memory: UInt = 3 << 30
    /// An input that takes so much longer than it may is not waited for.
    private static let patience = 20.0

    /// One line for each broken promise and each result, as `FuzzMessage` reads them.
    func run(_ seeds: Range<UInt64>, until deadline: Date) throws {
        limitMemory()
        let descriptor = open(progress, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        defer { close(descriptor) }
        var count = 0
        for seed in seeds {
            if count.isMultiple(of: 16), Date() > deadline { break }
            var mark = seed
            pwrite(descriptor, &mark, 8, 0)
            let input = maker.input(seed: seed)
            setTimer(Self.patience * allowed(input))
            let start = Self.processorSeconds
            do {
                let result = try reader.check(input)
                say("result \(seed) \(String(Fingerprint.of(result), radix: 16))")
            } catch let broken as BrokenPromise {
                say("broken \(seed) \(broken.text.debugDescription)")
            }
            let spent = Self.processorSeconds - start
            if spent > allowed(input) {
                say("broken \(seed) \"\(input.count) bytes took \(Int(spent * 1000)) ms\"")
            }
            count += 1
        }
        setTimer(0)
        say("end \(count)")
    }

    /// It is read twice.
    private func allowed(_ input: [UInt8]) -> Double {
        2 * reader.seconds * max(1, Double(input.count) / 1_048_576)
    }

    private func limitMemory() {
        var limit = rlimit(rlim_cur: Self.memory, rlim_max: Self.memory)
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }

    /// Ends this process with SIGPROF after so much processor time; 0 never.
    private func setTimer(_ seconds: Double) {
        var timer = itimerval()
        timer.it_value.tv_sec = Int(seconds.rounded(.up))
        setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &timer, nil)
    }

    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// FNV-1a, 64 bits: the same in every process, as `Hasher` is not.
enum Fingerprint {
    static func of(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
