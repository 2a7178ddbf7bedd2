/// What a command answers or a subscription brings, before it is written in the client's dialect.
package enum Reply: Equatable, Sendable {
  case ok
  /// A short status word; CR and LF are dropped when written.
  case simple(String)
  case text(String)
  /// Not text: a bulk string in RESP, base64 in JSON.
  case bytes([UInt8])
  /// Text to be shown as it is (`INFO`): RESP3 verbatim, otherwise as `text`.
  case verbatim(String)
  case integer(Int64)
  /// Not finite values are null in JSON, which has no words for them.
  case double(Double)
  /// 1 or 0 in RESP2.
  case boolean(Bool)
  case null
  /// Where RESP2 clients expect an array or nothing; otherwise as `null`.
  case nullArray
  case array([Reply])
  case map(ReplyMap)
  /// Out of band (`subscribe` confirmations): push type in RESP3, otherwise an array.
  case push([Reply])
  /// Something published; `payload` is JSON text and goes into a JSON line as it is.
  case message(channel: String, payload: String)
  case error(code: String, message: String)
}

/// Keys and values in the order in which they are to be shown.
package struct ReplyMap: Equatable, Sendable, ExpressibleByDictionaryLiteral {
  package struct Entry: Equatable, Sendable {
    package var key: String
    package var value: Reply
  }

  package private(set) var entries: [Entry]

  package init() {
    entries = []
  }

  package init(dictionaryLiteral elements: (String, Reply)...) {
    self.init(elements)
  }

  package init(_ pairs: [(String, Reply)]) {
    entries = pairs.map { Entry(key: $0.0, value: $0.1) }
  }

  /// Keys are not checked for being new.
  package mutating func append(_ key: String, _ value: Reply) {
    entries.append(Entry(key: key, value: value))
  }

  /// O(n).
  package subscript(key: String) -> Reply? {
    for entry in entries where entry.key == key { return entry.value }
    return nil
  }
}

/// The dialect of RESP a connection has chosen with `HELLO`.
package enum RESPVersion: Int, Sendable {
  case two = 2
  case three = 3
}
