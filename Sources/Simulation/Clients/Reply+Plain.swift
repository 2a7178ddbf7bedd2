import Wire

extension Reply {
  /// For people, on one line.
  var plain: String {
    switch self {
    case .ok: "OK"
    case .simple(let text), .text(let text), .verbatim(let text): "'\(text)'"
    case .bytes(let bytes): "\(bytes.count) bytes"
    case .integer(let value): "\(value)"
    case .double(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .null, .nullArray: "null"
    case .array(let elements), .push(let elements):
      "[" + elements.map(\.plain).joined(separator: ", ") + "]"
    case .map(let map):
      "{" + map.entries.map { "\($0.key): \($0.value.plain)" }.joined(separator: ", ") + "}"
    case .message(let channel, let payload): "message on \(channel): \(payload)"
    case .error(let code, let message): "\(code) \(message)"
    }
  }

  /// What differs between two answers, in a sentence.
  static func difference(_ reply: Reply, from expected: Reply) -> String {
    guard case .map(let ours) = reply, case .map(let theirs) = expected else {
      return "answered\n  \(reply.plain)\n  instead of\n  \(expected.plain)"
    }
    var keys = theirs.entries.map(\.key)
    for entry in ours.entries where !keys.contains(entry.key) { keys.append(entry.key) }
    let lines = keys.filter { ours[$0] != theirs[$0] }.map { key in
      "  \(key): \(ours[key]?.plain ?? "missing") instead of \(theirs[key]?.plain ?? "nothing")"
    }
    return "answered \(reply.plain)\nwhere this differs:\n" + lines.joined(separator: "\n")
  }
}
