/// How a reply is written: both versions of RESP, and JSON for plain lines.
package enum ReplyDialect: Hashable, Sendable, CaseIterable {
  case resp2
  case resp3
  case json

  package init(framing: Framing, version: RESPVersion) {
    switch (framing, version) {
    case (.resp, .two): self = .resp2
    case (.resp, .three): self = .resp3
    case (.line, _): self = .json
    }
  }
}

/// Writes a reply straight as bytes: the same bytes as `ReplyWriter` makes of the tree.
///
/// That the numbers given with `beginMap` and `beginArray` are right is the caller's care.
package struct ReplyStream: ReplySink, Sendable {
  package let dialect: ReplyDialect
  private var out = JSONWriter()

  package init(_ dialect: ReplyDialect) { self.dialect = dialect }

  /// So far.
  package var bytes: [UInt8] { out.bytes }

  package var count: Int { out.bytes.count }

  /// The whole reply, with the end of its line.
  package consuming func finish() -> [UInt8] {
    switch dialect {
    case .resp2, .resp3: break
    case .json: out.bytes.append(Byte.lineFeed)
    }
    return out.bytes
  }

  package mutating func reserve(_ count: Int) { out.bytes.reserveCapacity(count) }

  package mutating func beginMap(_ count: Int) {
    switch dialect {
    case .resp2: head(Byte.star, count * 2)
    case .resp3: head(UInt8(ascii: "%"), count)
    case .json: out.beginObject()
    }
  }

  package mutating func endMap() {
    if dialect == .json { out.endObject() }
  }

  package mutating func beginArray(_ count: Int) {
    switch dialect {
    case .resp2, .resp3: head(Byte.star, count)
    case .json: out.beginArray()
    }
  }

  package mutating func endArray() {
    if dialect == .json { out.endArray() }
  }

  package mutating func key(_ key: ReplyKey) {
    switch dialect {
    case .resp2, .resp3: out.bytes.append(contentsOf: key.resp)
    case .json: out.writtenKey(key.json)
    }
  }

  package mutating func key(_ key: String) {
    switch dialect {
    case .resp2, .resp3: text(key)
    case .json: out.key(key)
    }
  }

  package mutating func text(_ text: String) {
    switch dialect {
    case .resp2, .resp3:
      head(Byte.dollar, text.utf8.count)
      out.bytes.append(contentsOf: text.utf8)
      out.bytes.appendLineEnd()
    case .json:
      out.string(text)
    }
  }

  package mutating func id(_ id: UInt64) {
    switch dialect {
    case .resp2, .resp3:
      head(Byte.dollar, decimalDigits(id))
      appendDecimal(magnitude: id, to: &out.bytes)
      out.bytes.appendLineEnd()
    case .json:
      out.id(id)
    }
  }

  package mutating func integer(_ value: Int64) {
    switch dialect {
    case .resp2, .resp3:
      out.bytes.append(UInt8(ascii: ":"))
      appendDecimal(value, to: &out.bytes)
      out.bytes.appendLineEnd()
    case .json:
      out.integer(value)
    }
  }

  package mutating func null() {
    switch dialect {
    case .resp2: out.bytes.append(contentsOf: Self.null2)
    case .resp3: out.bytes.append(contentsOf: Self.null3)
    case .json: out.null()
    }
  }

  /// Keys with their values, as another stream of this dialect has them between `beginMap` and
  /// `endMap`.
  package mutating func entries(_ written: [UInt8]) {
    switch dialect {
    case .resp2, .resp3: out.bytes.append(contentsOf: written)
    case .json: out.writtenEntries(written)
    }
  }

  private static let null2 = Array("$-1\r\n".utf8)
  private static let null3 = Array("_\r\n".utf8)

  private mutating func head(_ type: UInt8, _ count: Int) {
    out.bytes.append(type)
    appendDecimal(magnitude: UInt64(count), to: &out.bytes)
    out.bytes.appendLineEnd()
  }
}
