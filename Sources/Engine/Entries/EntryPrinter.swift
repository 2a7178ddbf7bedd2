internal import Domain
internal import Journal
internal import Projections

/// Writes entries as JSON by what their coding means.
///
/// Identifiers are decimal strings, people by identifier and not by name: what is written for one
/// position can be compared with what is written for another.
package struct EntryPrinter {
  /// How people are written.
  package enum Naming: Sendable {
    case identifiers
    /// By name, and by identifier where they have none: for people.
    case names
  }

  private let part: StatePart
  private let state: any StateEntries
  private let naming: Naming
  private var out: [UInt8] = []
  private var mentioned: [UserID] = []

  package init(_ part: StatePart, of state: any StateEntries, naming: Naming = .identifiers) {
    self.part = part
    self.state = state
    self.naming = naming
  }

  /// Key and value as JSON. Throws for an entry that its coding would not have written.
  package mutating func texts(
    key: [UInt8], value: [UInt8]
  ) throws -> (key: [UInt8], value: [UInt8]) {
    mentioned = []
    let shapes = try shapes(of: key)
    return (try text(of: key, shapes.key), try text(of: value, shapes.value))
  }

  /// `{"key":…,"value":…,"names":{…}}`, with the names of all who are mentioned.
  package mutating func line(key: [UInt8], value: [UInt8]) throws -> String {
    let (key, value) = try texts(key: key, value: value)
    var line = Array("{\"key\":".utf8) + key + Array(",\"value\":".utf8) + value
    var names: [(String, JSON)] = []
    for user in Set(mentioned).sorted() {
      if let name = state.name(of: user) { names.append(("\(user)", .string(name))) }
    }
    if !names.isEmpty { line += Array(",\"names\":\(JSON.object(names).text)".utf8) }
    line.append(UInt8(ascii: "}"))
    return String(decoding: line, as: UTF8.self)
  }

  private func shapes(of key: [UInt8]) throws -> EntryShapes {
    do throws(CBORError) { return try part.shapes(of: key) } catch { throw unreadable(error) }
  }

  private mutating func text(of bytes: [UInt8], _ shape: EntryShape) throws -> [UInt8] {
    out.removeAll(keepingCapacity: true)
    var decoder = CBORDecoder(bytes)
    do throws(CBORError) {
      try write(shape, &decoder)
      try decoder.finish()
    } catch {
      throw unreadable(error)
    }
    return out
  }

  private func unreadable(_ error: CBORError) -> EntriesError {
    EntriesError("an entry of \(part.name) does not read: \(error)")
  }

  // MARK: Shapes

  private mutating func write(
    _ shape: EntryShape, _ decoder: inout CBORDecoder
  ) throws(CBORError) {
    switch shape {
    case .person:
      guard let user = state.person(try decoder.uint()) else { throw .invalidValue }
      write(user)
    case .user: write(UserID(try decoder.uint()))
    case .identity:
      let user = UserID(try decoder.uint())
      mentioned.append(user)
      quote("\(user)")
    case .post, .chat, .list, .message, .report, .media, .token, .order:
      quote("\(try decoder.uint())")
    case .tag, .text: quote(try decoder.text())
    case .bytes: quote(try decoder.bytes().map { Self.hexadecimal($0) }.joined())
    case .position: append("\(try decoder.uint())")
    case .time, .number: append("\(try decoder.int())")
    case .flag: append(try decoder.bool() ? "true" : "false")
    case .word(let words):
      guard let word = words[try decoder.uint()] else { throw .invalidValue }
      quote(word)
    case .nothing:
      try decoder.skip()
      append("true")
    case .optional(let shape):
      guard decoder.isNull else { return try write(shape, &decoder) }
      try decoder.null()
      append("null")
    case .fields(let fields):
      guard try decoder.array() == fields.count else { throw .invalidValue }
      try write(fields, &decoder)
    case .each(let shape):
      try list(try decoder.array(), &decoder) { printer, decoder throws(CBORError) in
        try printer.write(shape, &decoder)
      }
    case .packed(let shape):
      let words = try decoder.packed().wideWords()
      var items = CBOREncoder()
      for word in words { items.uint(word) }
      var itemDecoder = CBORDecoder(items.bytes)
      try list(words.count, &itemDecoder) { printer, decoder throws(CBORError) in
        try printer.write(shape, &decoder)
      }
    case .groups(let fields):
      try groups(of: fields, items: try decoder.array(), &decoder)
    case .headed(let head, let name, let fields):
      let items = try decoder.array() - head.count
      guard items >= 0 else { throw .invalidValue }
      out.append(UInt8(ascii: "{"))
      for (name, shape) in head {
        quote(name)
        append(":")
        try write(shape, &decoder)
        append(",")
      }
      quote(name)
      append(":")
      try groups(of: fields, items: items, &decoder)
      append("}")
    }
  }

  private mutating func groups(
    of fields: KeyValuePairs<String, EntryShape>, items: Int, _ decoder: inout CBORDecoder
  ) throws(CBORError) {
    guard items.isMultiple(of: fields.count) else { throw .invalidValue }
    try list(items / fields.count, &decoder) { printer, decoder throws(CBORError) in
      try printer.write(fields, &decoder)
    }
  }

  private mutating func list(
    _ count: Int, _ decoder: inout CBORDecoder,
    _ item: (inout EntryPrinter, inout CBORDecoder) throws(CBORError) -> Void
  ) throws(CBORError) {
    append("[")
    for index in 0..<count {
      if index > 0 { append(",") }
      try item(&self, &decoder)
    }
    append("]")
  }

  private mutating func write(
    _ fields: KeyValuePairs<String, EntryShape>, _ decoder: inout CBORDecoder
  ) throws(CBORError) {
    append("{")
    var isFirst = true
    for (name, shape) in fields {
      if !isFirst { append(",") }
      isFirst = false
      quote(name)
      append(":")
      try write(shape, &decoder)
    }
    append("}")
  }

  private mutating func write(_ user: UserID) {
    switch naming {
    case .identifiers:
      mentioned.append(user)
      quote("\(user)")
    case .names: quote(state.name(of: user) ?? "\(user)")
    }
  }

  // MARK: Bytes

  private mutating func append(_ text: String) { out.append(contentsOf: text.utf8) }

  private mutating func quote(_ text: String) {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
      append("\"")
      append(text)
      append("\"")
    } else {
      append(JSON.string(text).text)
    }
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
