package import Domain

/// The request with an idempotency key that an event hangs on.
package struct ExportedRequest: Equatable, Sendable {
  /// BLAKE2b-128 of the key.
  package var digest: [UInt8]
  /// With the last event of a request, as long as it is kept.
  package var answer: StoredRequest?

  package init(digest: [UInt8], answer: StoredRequest?) {
    self.digest = digest
    self.answer = answer
  }
}

/// An event as a line of JSON says it: what `RecordJSON.line` has written, read again.
package struct RecordLine: Equatable, Sendable {
  package enum Text: Equatable, Sendable {
    case none
    case text(Secret)
    /// The author was erased.
    case erased
    /// It was not for whoever exported.
    case withheld
  }

  package var record: Record
  package var text: Text
  package var request: ExportedRequest?

  private static let keys: Set<String> = [
    "actor", "answer", "entity", "fields", "position", "request", "sequence", "text", "time",
    "type", "version",
  ]

  /// The end of the year 9999, and as far before 1970: sums of such times fit.
  package static let timeMsMax: Int64 = 253_402_300_799_999

  /// Throws one sentence about what is wrong with it.
  package init(_ bytes: ArraySlice<UInt8>) throws(JSONError) {
    let json = try JSONValue.parse(bytes)
    guard let members = json.object else { throw JSONError("it is no object") }
    if let unknown = members.keys.filter({ !Self.keys.contains($0) }).sorted().first {
      throw JSONError("'\(unknown)' is not known")
    }
    guard let name = json["type"]?.string, let type = EventType.named[name] else {
      throw JSONError("its type is none")
    }
    guard let position = json["position"]?.uint, let sequence = json["sequence"]?.uint,
      let time = json["time"]?.int,
      let version = json["version"]?.uint.flatMap({ UInt8(exactly: $0) })
    else { throw JSONError("position, sequence, time or version is missing or no number") }
    guard (-Self.timeMsMax...Self.timeMsMax).contains(time) else {
      throw JSONError("its time lies too far from today")
    }
    guard case .user(let actor)? = Self.entity(json["actor"]?.string),
      let entity = Self.entity(json["entity"]?.string), EntityKind(of: entity) == type.entityKind
    else { throw JSONError("actor or entity is missing or none") }
    text = try Self.text(json["text"])
    let event = try FieldsJSON.event(of: type, version: version, json["fields"])
    if case .post(.published(let facts)) = event, facts.author != actor {
      let problem = UpcastError.authorIsNotActor(author: facts.author, actor: actor)
      throw JSONError("\(problem)")
    }
    record = Record(
      position: Position(position), time: Instant(ms: time), actor: actor, entity: entity,
      sequence: sequence, event: event, hasSecret: text != .none)
    request = try Self.request(json, record)
  }

  private static func entity(_ text: String?) -> EntityKey? {
    // By bytes: a tag may begin with a mark, which would make one character of it and the colon.
    guard let text, let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let name = String(text[text.utf8.index(after: colon)...])
    let kind = text[..<colon]
    if kind == "tag" { return .tag(Tag(folded: name)) }
    guard let id = UInt64(name) else { return nil }
    switch kind {
    case "user": return .user(UserID(id))
    case "post": return .post(PostID(id))
    case "chat": return .chat(ChatID(id))
    default: return nil
    }
  }

  private static func text(_ json: JSONValue?) throws(JSONError) -> Text {
    switch json {
    case nil: return .none
    case .string("erased")?: return .erased
    case .string("withheld")?: return .withheld
    case .object(let members)?:
      var fields: [Secret.Field: String] = [:]
      for (name, value) in members {
        guard let field = Secret.Field.named[name], let text = value.string else {
          throw JSONError("its text '\(name)' is none")
        }
        fields[field] = text
      }
      return .text(Secret(fields))
    case .some: throw JSONError("its text is none")
    }
  }

  private static func request(
    _ json: JSONValue, _ record: Record
  ) throws(JSONError) -> ExportedRequest? {
    guard let value = json["request"] else {
      if json["answer"] != nil { throw JSONError("an answer goes with a request") }
      return nil
    }
    guard let digest = value.hexadecimalBytes, digest.count == 16 else {
      throw JSONError("its request is no hash of 16 bytes")
    }
    guard let answer = json["answer"] else { return ExportedRequest(digest: digest, answer: nil) }
    let hasArguments = answer["arguments"] != nil
    let arguments = hasArguments ? answer["arguments"]?.hexadecimalBytes : []
    guard let arguments, arguments.count == (hasArguments ? 32 : 0),
      answer.object?.count == (hasArguments ? 2 : 1), let outcome = Self.outcome(answer)
    else { throw JSONError("its answer is none") }
    return ExportedRequest(
      digest: digest,
      answer: StoredRequest(
        position: record.position, argumentsDigest: arguments, outcome: outcome, time: record.time))
  }

  private static func outcome(_ json: JSONValue) -> Outcome? {
    if json["outcome"]?.string == "ok" { return .ok }
    if let word = json["word"]?.string { return .word(word) }
    if let id = json["id"]?.string.flatMap({ UInt64($0) }) { return .id(id) }
    return json["count"]?.int.map { .count(Int($0)) }
  }
}

/// The open fields of an event from JSON, by way of the stored form: one table of fields, not two.
private enum FieldsJSON {
  static func event(
    of type: EventType, version: UInt8, _ json: JSONValue?
  ) throws(JSONError) -> Event {
    guard let members = json?.object else { throw JSONError("its fields are missing") }
    let present = type.schema.fields.filter { members[$0.name] != nil }
      .sorted { $0.number < $1.number }
    guard present.count == members.count else {
      let known = Set(present.map(\.name))
      let unknown = members.keys.filter { !known.contains($0) }.sorted()
      throw JSONError("\(type.name) has no field '\(unknown.first ?? "")'")
    }
    var encoder = CBOREncoder()
    encoder.map(present.count)
    for field in present {
      encoder.uint(field.number)
      guard let value = members[field.name], write(value, field.kind, &encoder) else {
        throw JSONError("its field '\(field.name)' is not as it should be")
      }
    }
    do throws(CBORError) {
      var decoder = CBORDecoder(encoder.bytes)
      let event = try EventCodec.readSpelledOut(type, from: &decoder)
      guard EventType.version(of: event) == version else { throw .invalidValue }
      return event
    } catch {
      throw JSONError("its fields are not those of \(type.name), version \(version) (\(error))")
    }
  }

  /// False for a value that is not of the kind.
  private static func write(
    _ value: JSONValue, _ kind: EventSchema.Kind, _ encoder: inout CBOREncoder
  ) -> Bool {
    switch kind {
    case .id: return id(value, &encoder)
    case .ids: return list(value, &encoder, id)
    case .position, .bits: return uint(value, &encoder)
    case .time:
      guard let time = value.int else { return false }
      encoder.int(time)
    case .flag:
      guard let flag = value.bool else { return false }
      encoder.bool(flag)
    case .text: return text(value, &encoder)
    case .texts: return list(value, &encoder, text)
    case .bytes:
      guard let bytes = value.hexadecimalBytes else { return false }
      encoder.bytes(bytes)
    case .numbers: return list(value, &encoder, uint)
    case .visibility: return name(value, RecordJSON.visibilityNames, &encoder)
    case .messages: return name(value, RecordJSON.messagesNames, &encoder)
    case .scope: return name(value, RecordJSON.scopeNames, &encoder)
    case .medium: return name(value, RecordJSON.mediumNames, &encoder)
    case .moderation: return name(value, RecordJSON.moderationNames, &encoder)
    case .media: return list(value, &encoder, medium)
    case .poll: return poll(value, &encoder)
    case .reply: return ids(value, ["parent", "parent_author", "root"], &encoder)
    case .quote: return ids(value, ["post", "author"], &encoder)
    }
    return true
  }

  private static func id(_ value: JSONValue, _ encoder: inout CBOREncoder) -> Bool {
    guard let id = value.string.flatMap({ UInt64($0) }) else { return false }
    encoder.uint(id)
    return true
  }

  private static func uint(_ value: JSONValue, _ encoder: inout CBOREncoder) -> Bool {
    guard let number = value.uint else { return false }
    encoder.uint(number)
    return true
  }

  private static func text(_ value: JSONValue, _ encoder: inout CBOREncoder) -> Bool {
    guard let text = value.string else { return false }
    encoder.text(text)
    return true
  }

  private static func list(
    _ value: JSONValue, _ encoder: inout CBOREncoder,
    _ item: (JSONValue, inout CBOREncoder) -> Bool
  ) -> Bool {
    guard let items = value.array else { return false }
    encoder.array(items.count)
    return items.allSatisfy { item($0, &encoder) }
  }

  private static func name(
    _ value: JSONValue, _ names: [String], _ encoder: inout CBOREncoder
  ) -> Bool {
    guard let name = value.string, let index = names.firstIndex(of: name) else { return false }
    encoder.uint(UInt64(index))
    return true
  }

  private static func medium(_ value: JSONValue, _ encoder: inout CBOREncoder) -> Bool {
    guard let id = value["id"], let kind = value["kind"], let position = value["position"],
      value.object?.count == 3
    else { return false }
    encoder.array(3)
    return self.id(id, &encoder) && name(kind, RecordJSON.mediumNames, &encoder)
      && uint(position, &encoder)
  }

  private static func poll(_ value: JSONValue, _ encoder: inout CBOREncoder) -> Bool {
    guard let options = value["options"], let isMultiple = value["multiple"]?.bool else {
      return false
    }
    let seconds = value["seconds"]
    guard value.object?.count == (seconds == nil ? 2 : 3) else { return false }
    encoder.array(seconds == nil ? 2 : 3)
    guard uint(options, &encoder) else { return false }
    encoder.bool(isMultiple)
    return seconds.map { uint($0, &encoder) } ?? true
  }

  private static func ids(
    _ value: JSONValue, _ names: [String], _ encoder: inout CBOREncoder
  ) -> Bool {
    guard value.object?.count == names.count else { return false }
    encoder.array(names.count)
    return names.allSatisfy { name in value[name].map { id($0, &encoder) } ?? false }
  }
}

extension EventType {
  fileprivate static let named: [String: EventType] = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.name, $0) })
}

extension Secret.Field {
  fileprivate static let named: [String: Secret.Field] = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.name, $0) })
}
