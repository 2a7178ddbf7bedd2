package import Domain
internal import Glibc

/// A person who was erased, as far as is known.
package struct Erasure: Hashable, Sendable {
  package var user: UserID
  /// Of the event; nil where only the destroyed key tells.
  package var position: Position?

  package init(user: UserID, position: Position?) {
    self.user = user
    self.position = position
  }
}

/// What a backup is: which files, how far each goes, and what they must hash to.
///
/// The one file that is replaced: whatever it does not name is not part of the backup.
package struct BackupManifest: Equatable, Sendable {
  package struct Segment: Equatable, Sendable {
    package var first: Position
    package var last: Position
    /// Of the last event.
    package var time: Instant
    /// Of the last block: what the chain goes on from.
    package var chain: [UInt8]
    /// Of the tree over everything up to there.
    package var root: TreeHash
    package var bytes: UInt64
    package var fileHash: [UInt8]

    var name: String { BackupFormat.segmentName(first) }
  }

  package struct Keys: Equatable, Sendable {
    package var generation: UInt64
    /// Keys, without the destroyed.
    package var count: UInt64
    package var bytes: UInt64
    package var fileHash: [UInt8]

    var name: String { BackupFormat.keysPrefix + String(generation) }
  }

  /// When the journal was made.
  package var created: Instant
  /// When the newest backup into it was.
  package var taken: Instant
  /// The leaf of the journal's first event in its tree; nil before there is one.
  package var identity: TreeHash?
  package var segments: [Segment] = []
  var tree = MountainRange()
  /// Nil if it was made without.
  package var keys: Keys?
  /// In the order in which they became known.
  package var erasures: [Erasure] = []

  package var position: Position { segments.last?.last ?? .zero }

  /// Of the segments and the keys.
  package var bytes: UInt64 { segments.reduce(keys?.bytes ?? 0) { $0 + $1.bytes } }
}

extension BackupManifest {
  /// One line of JSON, and the hash of that line below.
  var text: String {
    var writer = JSONWriter()
    writer.open("{")
    writer.pair("roost", "backup")
    writer.number("format", BackupFormat.version)
    writer.pair("journal", identity.map { hexadecimal($0.bytes) } ?? "")
    writer.key("created")
    writer.raw("\(created)")
    writer.key("taken")
    writer.raw("\(taken)")
    writer.number("position", position.raw)
    writer.key("segments")
    writer.open("[")
    for segment in segments { Self.write(segment, &writer) }
    writer.close("]")
    writer.key("peaks")
    writer.open("[")
    for peak in tree.peaks { writer.element(hexadecimal(peak.bytes)) }
    writer.close("]")
    writer.key("keys")
    if let keys { Self.write(keys, &writer) } else { writer.raw("null") }
    writer.key("erased")
    writer.open("[")
    for erasure in erasures {
      writer.open("{")
      writer.pair("user", "\(erasure.user)")
      if let position = erasure.position { writer.number("position", position.raw) }
      writer.close("}")
    }
    writer.close("]")
    writer.close("}")
    let line = writer.bytes
    return String(decoding: line, as: UTF8.self) + "\n" + hexadecimal(blake2b256(line)) + "\n"
  }

  private static func write(_ segment: Segment, _ writer: inout JSONWriter) {
    writer.open("{")
    writer.pair("file", segment.name)
    writer.number("first", segment.first.raw)
    writer.number("last", segment.last.raw)
    writer.key("time")
    writer.raw("\(segment.time)")
    writer.pair("chain", hexadecimal(segment.chain))
    writer.pair("root", hexadecimal(segment.root.bytes))
    writer.number("bytes", segment.bytes)
    writer.pair("blake2b", hexadecimal(segment.fileHash))
    writer.close("}")
  }

  private static func write(_ keys: Keys, _ writer: inout JSONWriter) {
    writer.open("{")
    writer.pair("file", keys.name)
    writer.number("generation", keys.generation)
    writer.number("count", keys.count)
    writer.number("bytes", keys.bytes)
    writer.pair("blake2b", hexadecimal(keys.fileHash))
    writer.close("}")
  }

  /// Throws `damaged` for what is none, `unsupportedVersion` for another version's.
  static func read(
    _ directory: String, bytesMax: Int = BackupFormat.manifestBytesMax
  ) throws(JournalError) -> BackupManifest {
    let path = directory + "/" + BackupFormat.manifestName
    let file = try File(path, O_RDONLY | O_NOFOLLOW)
    let length = try file.status().length
    func damage(_ problem: String) -> JournalError {
      .damaged(Finding("the backup's manifest \(path)", problem))
    }
    guard length <= UInt64(bytesMax) else { throw damage("it has more than \(bytesMax) bytes") }
    let bytes = try file.read(at: 0, count: Int(length))
    guard let end = bytes.firstIndex(of: 0x0A) else { throw damage("it is not in the form of one") }
    let line = bytes[..<end]
    guard
      String(decoding: bytes[(end + 1)...], as: UTF8.self) == hexadecimal(blake2b256(line)) + "\n"
    else { throw damage("its hash does not fit") }
    let json: JSONValue
    do throws(JSONError) { json = try JSONValue.parse(line) } catch { throw damage("\(error)") }
    guard json["roost"]?.string == "backup", let version = json["format"]?.uint else {
      throw damage("it is not in the form of one")
    }
    guard BackupFormat.readable.contains(version) else {
      throw .unsupportedVersion(what: "the backup \(directory)", found: version)
    }
    guard let manifest = BackupManifest(json) else { throw damage("a part of it is missing") }
    return manifest
  }
}

extension BackupManifest {
  fileprivate init?(_ json: JSONValue) {
    guard let created = json["created"]?.int, let taken = json["taken"]?.int,
      let identity = json["journal"]?.hexadecimalBytes, let position = json["position"]?.uint,
      let segments = json["segments"]?.array, let peaks = json["peaks"]?.array,
      let erased = json["erased"]?.array, let keys = json["keys"]
    else { return nil }
    self.init(created: Instant(ms: created), taken: Instant(ms: taken))
    self.identity = TreeHash(identity)
    for item in segments {
      guard let segment = Segment(item), segment.first == self.position.next,
        segment.last >= segment.first
      else { return nil }
      self.segments.append(segment)
    }
    let hashes = peaks.compactMap { $0.hexadecimalBytes.flatMap { TreeHash($0) } }
    guard self.position.raw == position, hashes.count == peaks.count,
      let tree = MountainRange(size: position, peaks: hashes)
    else { return nil }
    self.tree = tree
    for item in erased {
      guard let user = item["user"]?.string.flatMap({ UserID(text: $0) }) else { return nil }
      erasures.append(Erasure(user: user, position: item["position"]?.uint.map { Position($0) }))
    }
    if keys != .null {
      guard let keys = Keys(keys) else { return nil }
      self.keys = keys
    }
  }
}

extension BackupManifest.Segment {
  fileprivate init?(_ json: JSONValue) {
    guard let first = json["first"]?.uint, let last = json["last"]?.uint,
      let time = json["time"]?.int, let chain = json["chain"]?.hexadecimalBytes,
      let root = json["root"]?.hexadecimalBytes.flatMap({ TreeHash($0) }),
      let bytes = json["bytes"]?.uint, let fileHash = json["blake2b"]?.hexadecimalBytes,
      chain.count == BLAKE2b.length
    else { return nil }
    self.init(
      first: Position(first), last: Position(last), time: Instant(ms: time), chain: chain,
      root: root, bytes: bytes, fileHash: fileHash)
  }
}

extension BackupManifest.Keys {
  fileprivate init?(_ json: JSONValue) {
    guard let generation = json["generation"]?.uint, let count = json["count"]?.uint,
      let bytes = json["bytes"]?.uint, let fileHash = json["blake2b"]?.hexadecimalBytes
    else { return nil }
    self.init(generation: generation, count: count, bytes: bytes, fileHash: fileHash)
  }
}

extension JSONWriter {
  mutating func number(_ name: String, _ value: UInt64) {
    key(name)
    raw("\(value)")
  }
}

extension BackupManifest.Keys {
  /// Reads the file of a backup's keys, which are in ascending order.
  func forEach(
    in directory: String, _ body: (UserID, [UInt8]) throws(JournalError) -> Void
  ) throws {
    let reader = try BackupFrameReader(
      directory: directory, name: name, magic: BackupFormat.keysMagic)
    var seen: UInt64 = 0
    try reader.forEachItem { decoder throws(JournalError) in
      let user: UserID
      let key: [UInt8]
      do throws(CBORError) {
        guard try decoder.array() == 2 else { throw .invalidValue }
        user = UserID(try decoder.uint())
        key = Array(try decoder.bytes())
        guard key.count == Sealer.keyBytes else { throw .invalidValue }
      } catch {
        throw reader.damage("a key cannot be read (\(error))")
      }
      seen += 1
      try body(user, key)
    }
    try reader.finish(expecting: fileHash)
    guard seen == self.count else { throw reader.damage("it does not have all its keys") }
  }
}
