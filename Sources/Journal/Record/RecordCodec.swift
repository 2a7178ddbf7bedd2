internal import Domain

/// A record as the journal stores it: [type, version, ms after the block's time, actor, entity or
/// null, sequence, fields, sealed or null, request digest or null], nulls at the end left out.
///
/// Position and base time are the block's; a null entity is the actor's own.
enum RecordCodec {
  /// What a record adds to its block beyond fields, sealed text and digest, at most.
  static let overheadMax = 64
  /// Before each record in a block's body: a CRC-32.
  static let checksumBytes = 4

  static func encode(
    _ record: Record, baseTime: Instant, sealed: [UInt8]?, requestDigest: [UInt8]?,
    into encoder: inout CBOREncoder
  ) {
    let type = EventType(record.event)
    encoder.array(requestDigest != nil ? 9 : sealed != nil ? 8 : 7)
    encoder.uint(UInt64(type.rawValue))
    encoder.uint(UInt64(EventType.version(of: record.event)))
    encoder.uint(UInt64(record.time.ms - baseTime.ms))
    encoder.uint(record.actor.raw)
    if record.entity == .user(record.actor) {
      encoder.null()
    } else {
      EntityKeyCodec.encode(record.entity, into: &encoder)
    }
    encoder.uint(record.sequence)
    EventCodec.encodeFields(of: record.event, in: RecordContext(record), into: &encoder)
    if let sealed { encoder.bytes(sealed) } else if requestDigest != nil { encoder.null() }
    if let requestDigest { encoder.bytes(requestDigest) }
  }

  /// A record with what is stored beside the event.
  struct Stored {
    var record: Record
    var sealed: ArraySlice<UInt8>?
    var requestDigest: ArraySlice<UInt8>?
  }

  /// `text` is asked for the sealed text of a record that has `true` in its place, as in a packed
  /// block; without it there is none such.
  static func decode(
    _ bytes: ArraySlice<UInt8>, position: Position, baseTime: Instant,
    text: (() throws(CBORError) -> ArraySlice<UInt8>)? = nil
  ) throws(CBORError) -> Stored {
    var decoder = CBORDecoder(bytes)
    let head = try Head(&decoder, baseTime)
    let event = try EventCodec.decodeFields(
      of: head.type, version: head.version, in: head.context, from: &decoder)
    var sealed: ArraySlice<UInt8>?
    if head.count > 7 {
      // A null here is only the placeholder before a digest.
      if head.count == 9 && decoder.isNull {
        try decoder.null()
      } else if let text {
        guard try decoder.bool() else { throw .invalidValue }
        sealed = try text()
      } else {
        sealed = try decoder.bytes()
      }
    }
    let digest = head.count == 9 ? try decoder.bytes() : nil
    try decoder.finish()
    let record = Record(
      position: position, time: head.context.time, actor: head.context.actor,
      entity: head.entity, sequence: head.sequence, event: event, hasSecret: sealed != nil)
    return Stored(record: record, sealed: sealed, requestDigest: digest)
  }

  /// What comes before a record's fields.
  struct Head {
    /// Of the record's elements.
    let count: Int
    let type: EventType
    let version: UInt8
    let context: RecordContext
    let entity: EntityKey
    let sequence: UInt64

    /// A kind or version of events that is not known throws `unknownEvent`.
    init(_ decoder: inout CBORDecoder, _ baseTime: Instant) throws(CBORError) {
      count = try decoder.array()
      guard (7...9).contains(count) else { throw .invalidValue }
      let code = try decoder.uint()
      let number = try decoder.uint()
      guard let type = UInt8(exactly: code).flatMap(EventType.init(rawValue:)),
        let version = UInt8(exactly: number), version <= type.version
      else { throw .unknownEvent(type: code, version: number) }
      guard version > 0 else { throw .invalidValue }
      (self.type, self.version) = (type, version)
      let delta = try decoder.int()
      guard delta >= 0, baseTime.ms <= Int64.max - delta else { throw .outOfRange }
      context = RecordContext(
        actor: UserID(try decoder.uint()), time: Instant(ms: baseTime.ms + delta))
      entity = try decodeEntity(type, context.actor, &decoder)
      sequence = try decoder.uint()
    }
  }

  private static func decodeEntity(
    _ type: EventType, _ actor: UserID, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> EntityKey {
    guard decoder.isNull else {
      let key = try EntityKeyCodec.decode(kind: type.entityKind, &decoder)
      guard key != .user(actor) else { throw .notCanonical }
      return key
    }
    try decoder.null()
    guard type.entityKind == .user else { throw .invalidValue }
    return .user(actor)
  }

  /// At most this many bytes in a block. Cheap: counts without encoding.
  static func sizeMax(of draft: Draft) -> Int {
    var size = overheadMax
    switch draft.event {
    case .user(.tagFollowed(let tag)), .user(.tagUnfollowed(let tag)):
      size += 16 + tag.text.utf8.count
    case .user, .tag: size += 128
    case .post(.published(let facts)), .post(.deleted(let facts)), .post(.drafted(let facts, _)),
      .post(.redrafted(let facts, _)), .post(.released(let facts)),
      .post(.moderated(let facts, _, _)):
      size += sizeMax(of: facts)
    case .post(.edited(let facts, let revision)):
      let mentions = revision.addedMentions.count + revision.removedMentions.count
      size += sizeMax(of: facts) + 32 + 9 * mentions
      for tag in revision.addedTags + revision.removedTags { size += 5 + tag.text.utf8.count }
    case .post(.reacted(let emoji, _)): size += 32 + emoji.utf8.count
    case .post(.voted(let options, _)): size += 32 + 9 * options.count
    case .post: size += 32
    case .chat(.opened(_, let members)), .chat(.added(let members)): size += 16 + 9 * members.count
    case .chat(.said(_, _, let media)): size += 32 + 24 * media.count
    case .chat: size += 32
    }
    if let secret = draft.secret {
      size += 32
      for (_, value) in secret.fields { size += 8 + value.utf8.count }
    }
    return size
  }

  private static func sizeMax(of facts: PostFacts) -> Int {
    var size = 176 + 9 * facts.mentions.count + 24 * facts.media.count
    for tag in facts.tags { size += 5 + tag.text.utf8.count }
    return size
  }
}
