internal import Domain
internal import Engine
internal import Journal

struct ProveCommand: Subcommand {
  static let name = "prove"
  static let summary = "that an event is in a checkpoint, or that one checkpoint extends another"
  static let details = """
    Prints a proof as JSON that tools/verify_proof.py checks without the journal: that the event at
    POSITION is among the events of a checkpoint, or of the journal as it is now; or that the first
    A events are the beginning of the first B. Works beside a running server.
    """
  static let options: [Option] = [
    .data,
    .word("POSITION", "the event"),
    .value("checkpoint", "FILE", "what roost checkpoint wrote; without it, all there is now"),
    .values("between", ["A", "B"], "the sizes of two checkpoints, the smaller first"),
  ]

  private enum Request {
    case inclusion(Position, checkpoint: String?)
    case consistency(from: Position, to: Position)
  }

  private let directory: String
  private let request: Request

  init(_ options: Options) throws {
    directory = options.require(.data)
    let position = try options["POSITION"].map { try Options.number($0, of: "POSITION") }
    let checkpoint = options["checkpoint"]
    switch (position, try options.numbers("between")) {
    case (let position?, nil):
      guard position > 0 else { throw UsageError("positions begin at 1") }
      request = .inclusion(Position(position), checkpoint: checkpoint)
    case (nil, let sizes?):
      guard checkpoint == nil else { throw UsageError("--checkpoint goes with POSITION") }
      guard sizes[0] > 0, sizes[0] <= sizes[1] else {
        throw UsageError("--between takes the smaller size first, and at least 1")
      }
      request = .consistency(from: Position(sizes[0]), to: Position(sizes[1]))
    case (nil, nil), (_?, _?):
      throw UsageError("give either a POSITION or --between")
    }
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    let tree = try JournalReader(directory: directory).tree()
    switch request {
    case .inclusion(let position, let path):
      let checkpoint = try path.map { try CheckpointFiles.checkpoint($0) }
      let size = checkpoint?.size ?? tree.end
      try check(size, tree)
      guard position <= size else {
        throw ProofError("position \(position) is not among the first \(size) events")
      }
      let proof = try tree.inclusion(of: position, at: size)
      if let checkpoint, checkpoint.root != proof.root {
        throw ProofError("the journal does not begin with the \(size) events of the checkpoint")
      }
      terminal.print(proof.json.text)
    case .consistency(let old, let new):
      try check(new, tree)
      terminal.print(try tree.consistency(from: old, to: new).json.text)
    }
    return .done
  }

  private func check(_ size: Position, _ tree: JournalTree) throws {
    guard size <= tree.end else {
      throw ProofError("the journal has \(tree.end) events, not \(size)")
    }
  }
}

/// Why there is no proof.
private struct ProofError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension InclusionProof {
  /// As docs/proofs.md describes it.
  fileprivate var json: JSON {
    let event = JSON.object([
      ("base_time", .int(leaf.baseTime.ms)), ("nonce", .string(hexadecimal(leaf.nonce))),
      ("record", .string(hexadecimal(leaf.record))),
    ])
    return .object([
      ("proof", .string("inclusion")), ("position", .uint(leaf.position.raw)),
      ("size", .uint(size.raw)), ("root", .string(hexadecimal(root.bytes))), ("event", event),
      ("path", .array(path.map { .string(hexadecimal($0.bytes)) })),
    ])
  }
}

extension ConsistencyProof {
  fileprivate var json: JSON {
    .object([
      ("proof", .string("consistency")), ("from", .uint(from.raw)),
      ("from_root", .string(hexadecimal(fromRoot.bytes))), ("size", .uint(to.raw)),
      ("root", .string(hexadecimal(root.bytes))),
      ("path", .array(path.map { .string(hexadecimal($0.bytes)) })),
    ])
  }
}

extension VerifierKey {
  /// Of the command line.
  static func parse(_ text: String) throws -> VerifierKey {
    guard let key = VerifierKey(text) else {
      throw UsageError("'\(text)' is no public key; roost checkpoint prints one")
    }
    return key
  }
}

extension CheckpointFiles {
  /// A checkpoint that somebody kept; throws if it is not signed with this key.
  static func checkpoint(_ path: String, signedBy key: VerifierKey?) throws -> Checkpoint {
    let checkpoint = try checkpoint(path)
    if let key, !checkpoint.isSigned(by: key) {
      throw ProofError("the checkpoint \(path) is not signed with the key of \(key.name)")
    }
    return checkpoint
  }
}
