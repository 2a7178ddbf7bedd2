internal import Domain
internal import Engine
internal import Journal

struct VerifyCommand: Subcommand {
  static let name = "verify"
  static let summary = "checksums, chain, positions, snapshots, projections against a refold"
  static let details = """
    Checks the structure of the files, every checksum, every link of the chain, that no position is
    missing, idempotency keys against the events, sealing keys against what they seal; folds the
    journal anew and compares what each snapshot leads to. Names the first position that cannot be
    trusted and what is affected. Works beside a running server. With --checkpoint also that the
    journal still begins with the events that the checkpoint was signed over, whatever was
    recomputed since. Memory: one whole state for each thread but the chain's.
    """
  static let options: [Option] = [
    .data, .flag("quick", "chain and checksums only; snapshots are only checked for being whole"),
    .value("checkpoint", "FILE", "what roost checkpoint wrote earlier"),
    .value("key", "KEY", "the public key that the checkpoint must be signed with"),
    .value("threads", "N", "pieces of work beside each other (the number of processors)"),
    .json,
  ]

  private let directory: String
  private let isQuick: Bool
  private let checkpoint: String?
  private let key: VerifierKey?
  private let threads: Int
  private let isJSON: Bool

  init(_ options: Options) throws {
    directory = options.require(.data)
    checkpoint = options["checkpoint"]
    if checkpoint == nil, options["key"] != nil { throw UsageError("--key is for a --checkpoint") }
    key = try options["key"].map(VerifierKey.parse)
    isQuick = options.has("quick")
    let threads = try options.number("threads") ?? UInt64(Workers.threadsDefault)
    guard (1...UInt64(Workers.threadsMax)).contains(threads) else {
      throw UsageError("--threads takes 1 to \(Workers.threadsMax)")
    }
    self.threads = Int(threads)
    isJSON = options.has(.json)
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    if checkpoint != nil, key == nil {
      terminal.log("note: without --key the signature of the checkpoint is not checked")
    }
    var options = Verification.Options()
    options.isQuick = isQuick
    options.threads = threads
    options.checkpoint = try checkpoint.map {
      try CheckpointFiles.checkpoint($0, signedBy: key)
    }
    let verification = try Verification.verify(directory: directory, options) {
      terminal.progress($0)
    }
    return terminal.report(verification, isJSON: isJSON)
  }
}

extension Terminal {
  /// Prints what was found; problems on standard error.
  func report(_ verification: Verification, isJSON: Bool) -> ExitStatus {
    finish()
    if isJSON {
      print(json(verification).text)
    } else {
      for note in verification.notes { print("note: \(note)") }
      for problem in verification.problems {
        complain(problem.sentence)
        if let affected = problem.affected { print(affected.sentence) }
      }
      if verification.problems.isEmpty {
        print("\(grouped(verification.position.raw)) events are in order")
        if let digests = verification.digests { print(digests.text) }
      } else if let position = verification.firstBad {
        complain("the first position that cannot be trusted is \(position)")
      }
    }
    return verification.problems.isEmpty ? .done : .wrong
  }

  private func json(_ verification: Verification) -> JSON {
    let problems = verification.problems.map { problem in
      JSON.object([
        ("position", problem.position.map { .uint($0.raw) } ?? .null),
        ("problem", .string(problem.sentence)),
        ("affected", problem.affected?.json ?? .null),
      ])
    }
    return .object([
      ("position", .uint(verification.position.raw)), ("problems", .array(problems)),
      ("first_bad", verification.firstBad.map { .uint($0.raw) } ?? .null),
      ("notes", .array(verification.notes.map { .string($0) })),
      ("state", verification.digests?.json ?? .null),
    ])
  }
}
