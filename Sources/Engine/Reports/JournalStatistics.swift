package import Domain
package import Journal

/// What a data directory holds: read through once, not folded.
package struct JournalStatistics: Sendable {
  package private(set) var head: JournalHead
  package private(set) var firstTime: Instant?
  package private(set) var events = EventCounts()
  package private(set) var tags: Set<Tag> = []
  package private(set) var snapshots: [SnapshotStore.Item] = []
  package private(set) var sizes: DataSizes

  package init(directory: String, report: ProgressReport? = nil) throws {
    let reader = try JournalReader(directory: directory)
    head = try reader.head()
    sizes = DataSizes(directory: directory)
    if FileSizes.exists(directory + "/snapshots") {
      snapshots = try SnapshotStore(directory: directory).list()
      sizes.snapshots = snapshots.reduce(0) { $0 + $1.bytes }
    }
    var cursor = reader.cursor(after: .zero)
    while cursor.position < head.position {
      for record in try cursor.next() where record.position <= head.position { add(record) }
      report?(
        Progress(
          title: "counting", done: cursor.position.raw, total: head.position.raw,
          unit: "records"))
    }
  }

  private mutating func add(_ record: Record) {
    if firstTime == nil { firstTime = record.time }
    events.add(record)
    if case .post(.published(let facts)) = record.event { tags.formUnion(facts.tags) }
    if case .tag(let tag) = record.entity { tags.insert(tag) }
  }

  /// How many entities of a kind have ever come into being.
  package func entities(_ kind: EntityKind) -> UInt64 {
    switch kind {
    case .user: events[.userSignedUp]
    case .post: events[.postPublished]
    case .chat: events[.chatOpened]
    case .tag: UInt64(tags.count)
    }
  }

  /// Of the journal alone; 0 where there are none.
  package var bytesPerEvent: Double {
    head.position == .zero ? 0 : Double(sizes.journal) / Double(head.position.raw)
  }

  package var json: JSON {
    .object([
      ("position", .uint(head.position.raw)),
      ("hash", .string(hexadecimal(head.hash))),
      ("blocks", .uint(head.blocks)),
      ("first_time", firstTime.map { .int($0.ms) } ?? .null),
      ("last_time", head.position == .zero ? .null : .int(head.time.ms)),
      ("format_version", .uint(head.formatVersion)),
      ("entities", .object(EntityKind.all.map { ($0.plural, .uint(entities($0))) })),
      ("events", .object(events.present.map { ($0.type.name, .uint($0.count)) })),
      ("bytes", sizes.json),
      ("bytes_per_event", .decimal((bytesPerEvent * 10).rounded() / 10)),
      (
        "snapshots",
        .array(
          snapshots.map {
            .object([("position", .uint($0.position.raw)), ("bytes", .uint($0.bytes))])
          })
      ),
    ])
  }
}
