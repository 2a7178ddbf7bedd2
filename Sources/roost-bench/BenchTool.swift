internal import Glibc

/// `roost-bench <network|load> …`.
enum BenchTool {
  private static let help = """
    usage: roost-bench network …    makes a network in a new data directory
           roost-bench load …       drives a server and measures it

    Each takes --help.
    """

  /// The exit status: 0 done, 1 something went wrong, 2 bad usage.
  static func run(_ words: [String]) -> Int32 {
    let rest = Array(words.dropFirst())
    do {
      switch words.first {
      case "network": try run(rest, NetworkCommand.help, NetworkCommand.run)
      case "load": try run(rest, LoadCommand.help, LoadCommand.run)
      case "--help", "-h", nil: print(help)
      case let name?: throw UsageError("there is no command '\(name)'; see roost-bench --help")
      }
      return 0
    } catch let error as UsageError {
      complain("\(error)")
      return 2
    } catch {
      complain("\(error)")
      return 1
    }
  }

  private static func run(
    _ words: [String], _ help: String, _ command: ([String]) throws -> Void
  ) throws {
    let own = words.prefix { $0 != "--" }
    if own.contains("--help") || own.contains("-h") { return print(help) }
    try command(words)
  }

  private static func complain(_ sentence: String) {
    let line = Array("roost-bench: \(sentence)\n".utf8)
    _ = unsafe line.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
  }
}
