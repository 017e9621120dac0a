@main
struct Meshctl {
    static func main() async {}
}
