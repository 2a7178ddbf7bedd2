extension Reply {
  /// The bytes of all texts in it: about what it takes on the wire, if they are long. O(n).
  package var textBytes: Int {
    switch self {
    case .simple(let text), .text(let text), .verbatim(let text): text.utf8.count
    case .bytes(let bytes): bytes.count
    case .array(let items), .push(let items): items.reduce(0) { $0 + $1.textBytes }
    case .map(let map):
      map.entries.reduce(0) { $0 + $1.key.utf8.count + $1.value.textBytes }
    case .message(let channel, let payload): channel.utf8.count + payload.utf8.count
    case .error(_, let message): message.utf8.count
    case .ok, .integer, .double, .boolean, .null, .nullArray: 0
    }
  }
}
