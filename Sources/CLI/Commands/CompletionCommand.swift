import ArgumentParser

struct CompletionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print a completion script for a shell.",
        discussion: """
            EXAMPLES
              source <(meshctl completion bash)
              meshctl completion zsh > "${fpath[1]}/_meshctl"
              meshctl completion fish > ~/.config/fish/completions/meshctl.fish
            """)

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish

        var shell: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() async throws {
        try CommandContext.required().print(MeshctlRoot.completionScript(for: shell.shell))
    }
}
