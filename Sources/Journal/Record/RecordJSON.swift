package import Domain

/// A record as one line of JSON, byte for byte what tools/journal.py prints.
///
/// Says what the event means today, with the version that it would be written in: the same
/// whichever version is stored.
///
/// Compact, keys sorted, UTF-8 unescaped, as Python's json.dumps with sort_keys and without
/// ensure_ascii. Identifiers are decimal strings, times and positions integers, bytes hexadecimal.
package enum RecordJSON {
  /// Without `secret`, what was sealed is left out; without `hashes`, those of passwords and of
  /// tokens. `version` is said instead of the one that the event would be written in. An export
  /// says of sealed text that it is `withheld`, and which request an event hangs on.
  package static func line(
    _ record: Record, secret: SecretReading?, hashes: Bool = true, version: UInt8? = nil,
    isWithheld: Bool = false, request: ExportedRequest? = nil
  ) -> String {
    let type = EventType(record.event)
    var writer = JSONWriter()
    writer.open("{")
    writer.pair("actor", "user:\(record.actor)")
    if let answer = request?.answer { self.answer(answer, &writer) }
    writer.pair("entity", record.entity.description)
    writer.key("fields")
    fields(of: record.event, type, hashes: hashes, &writer)
    writer.key("position")
    writer.raw("\(record.position)")
    if let request { writer.pair("request", hexadecimal(request.digest)) }
    writer.key("sequence")
    writer.raw("\(record.sequence)")
    switch secret {
    case _ where isWithheld:
      writer.pair("text", "withheld")
    case .text(let secret):
      writer.key("text")
      text(of: secret, hashes: hashes, &writer)
    case .erased:
      writer.pair("text", "erased")
    case .some(.none), nil:
      break
    }
    writer.key("time")
    writer.raw("\(record.time)")
    writer.pair("type", type.name)
    writer.key("version")
    writer.raw("\(version ?? EventType.version(of: record.event))")
    writer.close("}")
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private static func answer(_ answer: StoredRequest, _ writer: inout JSONWriter) {
    writer.key("answer")
    writer.open("{")
    if !answer.argumentsDigest.isEmpty {
      writer.pair("arguments", hexadecimal(answer.argumentsDigest))
    }
    switch answer.outcome {
    case .ok: writer.pair("outcome", "ok")
    case .word(let word): writer.pair("word", word)
    case .id(let id): writer.pair("id", "\(id)")
    case .count(let count):
      writer.key("count")
      writer.raw("\(count)")
    }
    writer.close("}")
  }

  private static func text(of secret: Secret, hashes: Bool, _ writer: inout JSONWriter) {
    writer.open("{")
    for (field, value) in secret.fields.sorted(by: { $0.field.name < $1.field.name })
    where hashes || field != .passwordHash {
      writer.pair(field.name, value)
    }
    writer.close("}")
  }

  /// Goes through the stored form, so that there is one table of fields and not two.
  private static func fields(
    of event: Event, _ type: EventType, hashes: Bool, _ writer: inout JSONWriter
  ) {
    var encoder = CBOREncoder()
    EventCodec.spellOut(event, into: &encoder)
    do throws(CBORError) {
      var decoder = CBORDecoder(encoder.bytes)
      var items: [(field: EventSchema.Field, value: ArraySlice<UInt8>)] = []
      for _ in 0..<(try decoder.map()) {
        let number = try decoder.uint()
        guard let field = type.schema.fields.first(where: { $0.number == number }) else {
          throw .invalidValue
        }
        items.append((field, try decoder.item()))
      }
      writer.open("{")
      for (field, value) in items.sorted(by: { $0.field.name < $1.field.name })
      where hashes || field.kind != .bytes {
        writer.key(field.name)
        var decoder = CBORDecoder(value)
        try self.value(field.kind, &decoder, &writer)
      }
      writer.close("}")
    } catch {
      preconditionFailure("an event's own encoding is readable: \(error)")
    }
  }

  private static func value(
    _ kind: EventSchema.Kind, _ decoder: inout CBORDecoder, _ writer: inout JSONWriter
  ) throws(CBORError) {
    switch kind {
    case .id: writer.string("\(try decoder.uint())")
    case .ids:
      writer.open("[")
      for _ in 0..<(try decoder.array()) { writer.element("\(try decoder.uint())") }
      writer.close("]")
    case .position, .bits: writer.raw("\(try decoder.uint())")
    case .time: writer.raw("\(try decoder.int())")
    case .flag: writer.raw(try decoder.bool() ? "true" : "false")
    case .text: writer.string(try decoder.text())
    case .texts:
      writer.open("[")
      for _ in 0..<(try decoder.array()) { writer.element(try decoder.text()) }
      writer.close("]")
    case .bytes: writer.string(hexadecimal(try decoder.bytes()))
    case .visibility: writer.string(try name(&decoder, Self.visibilityNames))
    case .messages: writer.string(try name(&decoder, Self.messagesNames))
    case .scope: writer.string(try name(&decoder, Self.scopeNames))
    case .numbers:
      writer.open("[")
      for _ in 0..<(try decoder.array()) {
        writer.raw("\(try decoder.uint())")
      }
      writer.close("]")
    case .medium: writer.string(try name(&decoder, Self.mediumNames))
    case .moderation: writer.string(try name(&decoder, Self.moderationNames))
    case .media: try media(&decoder, &writer)
    case .poll: try poll(&decoder, &writer)
    case .reply: try ids(["parent", "parent_author", "root"], &decoder, &writer)
    case .quote: try ids(["post", "author"], &decoder, &writer)
    }
  }

  static let visibilityNames = ["public", "followers", "friends", "private"]
  static let messagesNames = ["everyone", "following", "none"]
  static let scopeNames = ["read", "write", "service", "moderator", "admin"]

  static let mediumNames = ["image", "video"]
  static let moderationNames = ["none", "under_review", "removed"]

  private static func media(
    _ decoder: inout CBORDecoder, _ writer: inout JSONWriter
  ) throws(CBORError) {
    writer.open("[")
    for _ in 0..<(try decoder.array()) {
      guard try decoder.array() == 3 else { throw .invalidValue }
      writer.open("{")
      writer.pair("id", "\(try decoder.uint())")
      writer.pair("kind", try name(&decoder, Self.mediumNames))
      writer.key("position")
      writer.raw("\(try decoder.uint())")
      writer.close("}")
    }
    writer.close("]")
  }

  private static func poll(
    _ decoder: inout CBORDecoder, _ writer: inout JSONWriter
  ) throws(CBORError) {
    let count = try decoder.array()
    guard count == 2 || count == 3 else { throw .invalidValue }
    let options = try decoder.uint()
    let isMultiple = try decoder.bool()
    writer.open("{")
    writer.key("multiple")
    writer.raw(isMultiple ? "true" : "false")
    writer.key("options")
    writer.raw("\(options)")
    if count == 3 {
      writer.key("seconds")
      writer.raw("\(try decoder.uint())")
    }
    writer.close("}")
  }

  private static func name(
    _ decoder: inout CBORDecoder, _ names: [String]
  ) throws(CBORError) -> String {
    let value = try decoder.uint()
    guard value < UInt64(names.count) else { throw .invalidValue }
    return names[Int(value)]
  }

  private static func ids(
    _ names: [String], _ decoder: inout CBORDecoder, _ writer: inout JSONWriter
  ) throws(CBORError) {
    guard try decoder.array() == names.count else { throw .invalidValue }
    var values: [(String, UInt64)] = []
    for name in names { values.append((name, try decoder.uint())) }
    writer.open("{")
    for (name, value) in values.sorted(by: { $0.0 < $1.0 }) { writer.pair(name, "\(value)") }
    writer.close("}")
  }
}

/// Lowercase, two digits a byte.
package func hexadecimal(_ bytes: some Collection<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  text.reserveCapacity(2 * bytes.count)
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}

extension Secret.Field {
  /// In JSON.
  package var name: String {
    switch self {
    case .text: "text"
    case .warning: "warning"
    case .name: "name"
    case .bio: "bio"
    case .avatar: "avatar"
    case .email: "email"
    case .passwordHash: "password_hash"
    case .title: "title"
    case .label: "label"
    case .link: "link"
    case .alt: "alt"
    case .options: "options"
    }
  }
}
