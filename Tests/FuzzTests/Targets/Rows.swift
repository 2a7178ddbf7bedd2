import Domain

@testable import Engine
@testable import Journal

extension FuzzTarget {
  /// What the tables of the journal and of the keys hold besides blocks, its checksum made right:
  /// what is accepted is written again as the same bytes.
  static let rows = FuzzTarget(
    name: "rows",
    words: [
      [0x84], [0x82], [0x58, 0x20], [0x58, 0x40], [0x81, 0x00], [0x82, 0x01], [0x82, 0x03],
    ],
    seeds: { rowSeeds() },
    run: { input in
      var source = ByteSource(input)
      let kind = source.byte() % 6
      let key = Array(repeating: source.byte(), count: RequestCodec.keyBytes)
      let content = source.rest
      switch kind {
      case 0: checkRequest(key, checksummed(key, content))
      case 1: checkPeaks(checksummed(TreeCodec.peaksKey, content))
      case 2: checkHash(content)
      case 3: checkFormat(checksummed([], content))
      case 4: checkKey(content)
      default: checkMark(Array(content))
      }
    })
}

private func rowSeeds() -> [[UInt8]] {
  let key = Array(repeating: UInt8(9), count: RequestCodec.keyBytes)
  let outcomes: [Outcome] = [.ok, .word("taken"), .id(1 << 40), .count(-3)]
  let requests = outcomes.map { outcome in
    [0, 9]
      + RequestCodec.encode(
        StoredRequest(
          position: Position(7), argumentsDigest: Array(repeating: 5, count: 32),
          outcome: outcome, time: Instant(ms: 1_700_000_000_000)), key: key
      ).dropFirst(4)
  }
  var tree = MountainRange()
  let hasher = TreeHasher()
  var peaks: [[UInt8]] = []
  for leaf in 0..<7 as Range<UInt8> {
    peaks.append([1, 0] + TreeCodec.encode(tree).value.dropFirst(4))
    guard let hash = TreeHash(Array(repeating: leaf, count: TreeHash.length)) else { continue }
    tree.append(hash, hasher) { _, _ in }
  }
  return requests + peaks + [
    [2, 0, 10] + Array(repeating: 1, count: 8 + TreeHash.length),
    [3, 0] + FormatEntry(created: Instant(ms: 1_700_000_000_000)).bytes.dropFirst(4),
    [4, 0] + Array(repeating: 1, count: Sealer.keyBytes), [4, 0],
    [5, 0, 0x82, 0x07, 0x58, 0x20] + Array(repeating: 1, count: 32), [5, 0, 0x82, 0x00, 0x40],
  ]
}

private func checksummed(_ key: [UInt8], _ content: ArraySlice<UInt8>) -> [UInt8] {
  littleEndianBytes(crc32Checksum(key + content)) + content
}

private func checkRequest(_ key: [UInt8], _ value: [UInt8]) {
  guard let request = try? RequestCodec.decode(value, key: key) else { return }
  hold(RequestCodec.encode(request, key: key) == value, "\(request) is written otherwise")
  hold(RequestCodec.day(of: request.time) >= 0, "a request of a negative day")
  _ = RequestCodec.key(
    day: RequestCodec.day(of: request.time), user: RequestCodec.user(of: key), digest: [])
  _ = RequestCodec.outdatedBefore(request.time)
}

private func checkPeaks(_ value: [UInt8]) {
  guard let range = try? TreeCodec.decodePeaks(value) else { return }
  hold(TreeCodec.encode(range).value == value, "the peaks of \(range.size) are written otherwise")
  _ = range.root(TreeHasher())
}

private func checkHash(_ content: ArraySlice<UInt8>) {
  let key = TreeCodec.peaksKey + content.prefix(9)
  let node = TreeCodec.node(key)
  let value = checksummed(key, content.dropFirst(9))
  guard let node, let hash = try? TreeCodec.decodeHash(value, key: key) else { return }
  let (ownKey, ownValue) = TreeCodec.encode(node, hash)
  hold(ownKey == key && ownValue == value, "\(node) is written otherwise")
}

private func checkFormat(_ value: [UInt8]) {
  guard let entry = try? FormatEntry(value) else { return }
  hold(entry.bytes == value, "\(entry) is written otherwise")
}

private func checkKey(_ content: ArraySlice<UInt8>) {
  let user: UInt64 = 77
  let value = content + littleEndianBytes(crc32Checksum(bigEndianBytes(user) + content))
  guard let lookup = try? KeyCodec.decode(Array(value), of: user) else { return }
  hold(KeyCodec.encode(lookup, of: user).elementsEqual(value), "a key is written otherwise")
}

private func checkMark(_ bytes: [UInt8]) {
  guard let mark = try? JournalMark(bytes) else { return }
  hold(mark.bytes == bytes, "\(mark) is written otherwise")
}
