import CLI

@main
struct Meshctl {
    static func main() async {
        await MeshctlProcess.run()
    }
}
