import Glibc

/// A line on standard output, at once: what was said before a trap is not lost.
func say(_ line: String) {
    print(line)
    fflush(nil)
}
