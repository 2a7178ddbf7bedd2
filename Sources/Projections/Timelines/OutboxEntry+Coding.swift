internal import Domain
internal import Journal

extension CBOREncoder {
  /// Order key, post and kind of each, flat.
  mutating func entries(_ entries: [OutboxEntry]) {
    array(3 * entries.count)
    for entry in entries { self.entry(entry) }
  }

  mutating func entry(_ entry: OutboxEntry) {
    uint(entry.orderKey)
    uint(entry.post.raw)
    uint(entry.kind.rawValue)
  }
}

extension CBORDecoder {
  mutating func entries() throws(CBORError) -> [OutboxEntry] {
    let count = try array()
    guard count.isMultiple(of: 3) else { throw .invalidValue }
    var entries: [OutboxEntry] = []
    entries.reserveCapacity(count / 3)
    for _ in 0..<(count / 3) { entries.append(try entry()) }
    return entries
  }

  /// An order key.
  mutating func order() throws(CBORError) -> UInt64 {
    let key = try uint()
    guard key < 1 << 63 else { throw .outOfRange }
    return key
  }

  mutating func entry() throws(CBORError) -> OutboxEntry {
    let orderKey = try uint()
    let post = try uint()
    guard let kind = OutboxEntry.Kind(rawValue: try uint()), orderKey < 1 << 63, post < 1 << 63
    else { throw .invalidValue }
    return OutboxEntry(kind: kind, orderKey: orderKey, post: PostID(post))
  }
}
