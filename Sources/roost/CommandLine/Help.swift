/// The pages of `--help`.
enum Help {
  static func overview(_ commands: [any Subcommand.Type]) -> String {
    let width = commands.map { $0.name.count }.max() ?? 0
    let lines = commands.map { "  \(padded($0.name, width))  \($0.summary)" }
    return """
      roost: the social engine that proves from its journal how everything came to be.

      Usage: roost <command> --data DIR [--option value …]

      \(lines.joined(separator: "\n"))

      roost <command> --help tells more. Exit status: 0 done, 1 something is wrong, 2 bad usage.

      """
  }

  static func page(_ command: any Subcommand.Type) -> String {
    let usage = command.options.map { $0.isRequired ? $0.usage : "[\($0.usage)]" }
    let width = command.options.map { $0.usage.count }.max() ?? 0
    let lines = command.options.map { "  \(padded($0.usage, width))  \($0.help)" }
    return """
      roost \(command.name): \(command.summary)

      Usage: roost \(command.name) \(usage.joined(separator: " "))

      \(command.details)

      \(lines.joined(separator: "\n"))

      """
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
