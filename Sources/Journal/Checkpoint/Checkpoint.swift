package import Domain

/// What the journal was at a moment, signed: the root of the tree over its first events.
///
/// In the form of C2SP's tlog-checkpoint, a signed note: origin, size, root, a line with the time,
/// an empty line, signatures. Whoever keeps one can later tell whether the journal still begins
/// with the same events.
package struct Checkpoint: Hashable, Sendable {
  /// Longer ones are not read.
  package static let bytesMax = 16 << 10
  private static let timeName = "time "
  private static let signatureStart = "\u{2014} "

  /// The name of the key that signs.
  package var origin: String
  /// The position of the last event that the root is over.
  package var size: Position
  package var root: TreeHash
  /// When it was signed, by the clock of the machine that did it.
  package var time: Instant
  /// Under what is signed: other lines are kept as they are.
  private var body: String
  private var signatures: [String]

  /// Signs.
  package init(size: Position, root: TreeHash, time: Instant, key: SigningKey) {
    origin = key.verifier.name
    self.size = size
    self.root = root
    self.time = time
    body = "\(origin)\n\(size)\n\(Base64.encode(root.bytes))\n\(Self.timeName)\(time.ms)\n"
    let signature = key.verifier.id + key.sign(Array(body.utf8))
    signatures = ["\(Self.signatureStart)\(origin) \(Base64.encode(signature))"]
  }

  /// Reads what `text` wrote; nil for anything else. Does not check signatures.
  package init?(_ text: String) {
    guard text.utf8.count <= Self.bytesMax, text.utf8.last == 0x0A else { return nil }
    // By bytes: a carriage return and a line feed are one character.
    var lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { Substring($0) }.dropLast()
    guard let empty = lines.firstIndex(of: ""), empty >= 3 else { return nil }
    signatures = lines[(empty + 1)...].map(String.init)
    lines = lines[..<empty]
    guard let size = UInt64(lines[1]), String(size) == lines[1],
      let bytes = Base64.decode(lines[2]), let root = TreeHash(bytes), !signatures.isEmpty,
      let line = lines[3...].first(where: { $0.hasPrefix(Self.timeName) }),
      let ms = Int64(line.dropFirst(Self.timeName.count))
    else { return nil }
    origin = String(lines[0])
    self.size = Position(size)
    self.root = root
    time = Instant(ms: ms)
    body = lines.map { $0 + "\n" }.joined()
  }

  /// The note, with the line break at its end.
  package var text: String { body + "\n" + signatures.map { $0 + "\n" }.joined() }

  /// Whether one of the signatures is this key's, and right.
  package func isSigned(by key: VerifierKey) -> Bool {
    let start = "\(Self.signatureStart)\(key.name) "
    guard origin == key.name else { return false }
    return signatures.contains { line in
      guard line.hasPrefix(start), let bytes = Base64.decode(line.dropFirst(start.count)),
        bytes.starts(with: key.id)
      else { return false }
      return Ed25519.verify(
        Array(bytes.dropFirst(VerifierKey.idBytes)), of: Array(body.utf8),
        publicKey: key.publicKey)
    }
  }
}
