/// Takes a reply part by part, in the order in which it is shown: so that what is shown often is
/// written straight as bytes (`ReplyStream`), and stays one definition with what is looked into
/// first (`ReplyTree`).
package protocol ReplySink {
  /// So many keys follow, each with its value, then `endMap`.
  mutating func beginMap(_ count: Int)
  mutating func endMap()
  /// So many values follow, then `endArray`.
  mutating func beginArray(_ count: Int)
  mutating func endArray()
  mutating func key(_ key: ReplyKey)
  /// A key that is known only now.
  mutating func key(_ key: String)
  mutating func text(_ text: String)
  /// As decimal text.
  mutating func id(_ id: UInt64)
  mutating func integer(_ value: Int64)
  mutating func null()
}

extension ReplySink {
  package mutating func text(_ text: String?) {
    if let text { self.text(text) } else { null() }
  }

  package mutating func id(_ id: UInt64?) {
    if let id { self.id(id) } else { null() }
  }

  /// 0 or 1.
  package mutating func flag(_ value: Bool) { integer(value ? 1 : 0) }
}

/// A key of a map with its bytes in every dialect, made once.
package struct ReplyKey: Sendable {
  package let text: String
  /// A bulk string.
  let resp: [UInt8]
  /// In quotes, with the colon.
  let json: [UInt8]

  package init(_ text: String) {
    self.text = text
    resp = ReplyWriter.bytes(.text(text), framing: .resp, version: .two)
    var writer = JSONWriter()
    writer.key(text)
    json = writer.bytes
  }
}

/// Builds a reply as a tree.
package struct ReplyTree: ReplySink {
  private enum Level {
    case map(ReplyMap, key: String)
    case array([Reply])
  }

  private var levels: [Level] = []
  /// What was built; null before.
  package private(set) var reply = Reply.null

  package init() {}

  package mutating func beginMap(_ count: Int) { levels.append(.map(ReplyMap(), key: "")) }
  package mutating func endMap() { end() }
  package mutating func beginArray(_ count: Int) { levels.append(.array([])) }
  package mutating func endArray() { end() }

  package mutating func key(_ key: ReplyKey) { self.key(key.text) }

  package mutating func key(_ key: String) {
    guard case .map(let map, _) = levels.popLast() else {
      preconditionFailure("a key stands in a map")
    }
    levels.append(.map(map, key: key))
  }

  package mutating func text(_ text: String) { put(.text(text)) }
  package mutating func id(_ id: UInt64) { put(.text(String(id))) }
  package mutating func integer(_ value: Int64) { put(.integer(value)) }
  package mutating func null() { put(.null) }

  private mutating func end() {
    switch levels.popLast() {
    case .map(let map, _): put(.map(map))
    case .array(let elements): put(.array(elements))
    case nil: preconditionFailure("more ends than begins")
    }
  }

  private mutating func put(_ value: Reply) {
    switch levels.popLast() {
    case .map(var map, let key):
      map.append(key, value)
      levels.append(.map(map, key: key))
    case .array(var elements):
      elements.append(value)
      levels.append(.array(elements))
    case nil:
      reply = value
    }
  }
}
