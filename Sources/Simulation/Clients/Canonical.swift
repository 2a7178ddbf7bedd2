import Wire

extension Reply {
  /// The same value for the same meaning, whichever dialect it travelled in: status words are text,
  /// flat arrays of names and values are maps, entries are sorted by name.
  var canonical: Reply {
    switch self {
    case .ok: .text("OK")
    case .simple(let text), .text(let text), .verbatim(let text): .text(text)
    case .bytes(let bytes): .text(String(decoding: bytes, as: UTF8.self))
    case .integer, .null: self
    case .double(let value): .text(Self.canonical(value))
    case .boolean(let value): .integer(value ? 1 : 0)
    case .nullArray: .null
    case .array(let elements): Self.canonical(elements)
    case .push(let elements): .push(elements.map(\.canonical))
    case .map(let map): .map(Self.canonical(map))
    case .message(let channel, let payload):
      .push([.text("message"), .text(channel), .text(payload)])
    case .error(let code, _): .error(code: code, message: "")
    }
  }

  /// Tokens without what is no event: when they were used.
  var withoutUses: Reply {
    guard case .array(let items) = self, items.contains(where: { $0["last_used_at"] != nil }) else {
      return self
    }
    return .array(
      items.map { item in
        guard case .map(let map) = item else { return item }
        return .map(
          ReplyMap(map.entries.filter { $0.key != "last_used_at" }.map { ($0.key, $0.value) }))
      })
  }

  private static func canonical(_ map: ReplyMap) -> ReplyMap {
    let entries = map.entries.sorted { $0.key < $1.key }
    return ReplyMap(
      entries.map { entry in
        switch entry.key {
        case "score", "usual": return (entry.key, canonicalNumber(entry.value))
        case "reactions": return (entry.key, canonicalCounts(entry.value))
        default: return (entry.key, entry.value.canonical)
        }
      })
  }

  private static func canonical(_ elements: [Reply]) -> Reply {
    guard isFlatMap(elements) else { return .array(elements.map(\.canonical)) }
    return .map(canonical(WireReader.map(elements)))
  }

  /// Counts by what is counted, in the order given: an array of both by turns.
  private static func canonicalCounts(_ reply: Reply) -> Reply {
    guard case .map(let map) = reply else { return .array(reply.elements ?? []) }
    return .array(map.entries.flatMap { [.text($0.key), $0.value] })
  }

  private static func canonicalNumber(_ reply: Reply) -> Reply {
    switch reply.canonical {
    case .integer(let value): .text(canonical(Double(value)))
    case .text(let text): .text(Double(text).map { canonical($0) } ?? text)
    case .ok, .simple, .bytes, .verbatim, .double, .boolean, .null, .nullArray, .array, .map,
      .push, .message, .error:
      reply
    }
  }

  private static func canonical(_ value: Double) -> String { "\(value)" }

  /// What begins a map in RESP2: the first name of each kind of map that Roost answers with.
  private static let firstNames: Set<String> = [
    "id", "items", "following", "score", "username", "tag", "server", "scope", "options", "text",
    "author",
  ]

  private static func isFlatMap(_ elements: [Reply]) -> Bool {
    guard elements.count >= 4, elements.count % 2 == 0, case .text(let first) = elements[0],
      firstNames.contains(first)
    else { return false }
    return stride(from: 0, to: elements.count, by: 2).allSatisfy { index in
      if case .text = elements[index] { true } else { false }
    }
  }

  /// A map's value.
  subscript(key: String) -> Reply? {
    if case .map(let map) = self { map[key] } else { nil }
  }

  var elements: [Reply]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  var textValue: String? {
    if case .text(let text) = self { text } else { nil }
  }

  var integerValue: Int64? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The error's code; nil for any other reply.
  var refusal: String? {
    if case .error(let code, _) = self { code } else { nil }
  }
}
