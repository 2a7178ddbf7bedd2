internal import Domain
internal import Engine
internal import Journal

struct CheckpointCommand: Subcommand {
  static let name = "checkpoint"
  static let summary = "what the journal is now, signed, for others to keep"
  static let details = """
    Signs the root of the tree over all events, with a key that is made on the first use. Whoever
    keeps the checkpoint can later prove what was in the journal, and that nothing before it has
    been changed, dropped or moved. Prints it, or writes it to a new file; the public key goes to
    standard error. Works beside a running server.
    """
  static let options: [Option] = [
    .data,
    .value("key", "FILE", "the signing key; without it DIR/\(CheckpointFiles.keyName)"),
    .value("name", "NAME", "the name of a new key, for example example.org/town"),
    .value("out", "FILE", "where to write it; not over another"),
  ]

  private let directory: String
  private let keyPath: String
  private let name: String?
  private let output: String?

  init(_ options: Options) throws {
    directory = options.require(.data)
    keyPath = options["key"] ?? directory + "/" + CheckpointFiles.keyName
    name = options["name"]
    output = options["out"]
    if let name, !VerifierKey.isName(name) {
      throw UsageError(
        "--name takes up to \(VerifierKey.nameBytesMax) printable characters without blanks or +")
    }
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    let reader = try JournalReader(directory: directory)
    let key = try CheckpointFiles.signingKey(
      keyPath, orNewWithName: name, random: SystemRandom())
    let tree = try reader.tree()
    let checkpoint = Checkpoint(
      size: tree.end, root: try tree.root(at: tree.end), time: SystemClock().now, key: key)
    if let output {
      try CheckpointFiles.write(checkpoint, to: output)
    } else {
      // The last line break is the terminal's.
      terminal.print(String(checkpoint.text.dropLast()))
      terminal.flush()
    }
    terminal.log("public key: \(key.verifier)")
    return .done
  }
}
