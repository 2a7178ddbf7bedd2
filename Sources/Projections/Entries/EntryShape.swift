package import Journal

/// What an entry's encoding means: how its CBOR reads, and what its parts are called.
///
/// Stands beside each coding, so that operators see names where the coding has numbers in a row.
package indirect enum EntryShape: Sendable {
  /// A number of `People`, shown as the person's identifier.
  case person
  /// A person whom the entry is about, always by identifier.
  case identity
  case user, post, chat, list, message, report, media, token
  /// What homes and timelines are ordered by: the identifier of a post or of a share.
  case order
  case tag, text, bytes
  case position, time
  case number, flag
  /// One of an enumeration, by its number.
  case word([UInt64: String])
  /// What is written in every such entry and says nothing by itself.
  case nothing
  /// Or null.
  case optional(EntryShape)
  /// An array of exactly these.
  case fields(KeyValuePairs<String, EntryShape>)
  /// An array of any number.
  case each(EntryShape)
  /// A byte string of `PackedWords`, each of which means this.
  case packed(EntryShape)
  /// A flat array: groups of these, any number of them.
  case groups(KeyValuePairs<String, EntryShape>)
  /// A flat array: these, and then groups of the others under a name.
  case headed(
    KeyValuePairs<String, EntryShape>, name: String, KeyValuePairs<String, EntryShape>)
}

/// An entry's key and its value.
package struct EntryShapes: Sendable {
  package var key: EntryShape
  package var value: EntryShape

  package init(_ key: EntryShape, _ value: EntryShape) {
    self.key = key
    self.value = value
  }
}

extension EntryShape {
  /// The words of an enumeration are its cases.
  package static func choice<Choice: RawRepresentable & CaseIterable>(
    _: Choice.Type
  ) -> EntryShape where Choice.RawValue: BinaryInteger {
    .word(
      Dictionary(
        uniqueKeysWithValues: Choice.allCases.map { (UInt64($0.rawValue), "\($0)") }))
  }

  /// What one puts before one's followers, flat.
  static let outbox: EntryShape = .groups(outboxFields)

  static let outboxFields: KeyValuePairs<String, EntryShape> = [
    "order": .order, "post": .post, "kind": .choice(OutboxEntry.Kind.self),
  ]
}

extension ReadModels {
  /// What the entry under a key means; throws for a key that no coding writes.
  package static func shapes(
    of name: ProjectionName, key: ArraySlice<UInt8>
  ) throws(CBORError) -> EntryShapes {
    var decoder = CBORDecoder(key)
    return switch name {
    case .people: People.shapes
    case .graph: try Graph.shapes(&decoder)
    case .timelines: Timelines.shapes
    case .home: Home.shapes(decoder)
    case .tags: TagTimelines.shapes
    case .public: PublicTimeline.shapes
    case .inbox: try Inbox.shapes(&decoder)
    case .trending: try Trending.shapes(&decoder)
    case .chats: Chats.shapes
    case .stories: Stories.shapes
    case .drafts: Drafts.shapes
    case .reports: Reports.shapes
    }
  }
}
