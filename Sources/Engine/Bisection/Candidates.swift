internal import Domain
internal import Journal
internal import Projections

/// The events that have most to do with what differs: those that name what is in the differing
/// parts of the entries, the ones that name most of it first.
struct Candidates {
  /// At most `Bisection.candidatesMax`, the likeliest first.
  private(set) var positions: [Position] = []

  /// What the keys name, and what the differing parts of the values name.
  private var owners: Set<UInt64> = []
  private var things: Set<UInt64> = []
  private var tags: Set<String> = []

  init(
    _ comparison: EntryComparison, of name: ProjectionName, in reader: JournalReader,
    through end: Position
  ) throws {
    for entry in comparison.shown {
      Self.collect(JSONText(Array(entry.key.utf8)), into: &owners, &tags)
      if entry.first != nil, entry.second != nil {
        for part in entry.parts {
          for text in [part.first, part.second].compactMap({ $0 }) {
            Self.collect(JSONText(Array(text.utf8)), into: &things, &tags)
          }
        }
      } else if let text = entry.first ?? entry.second {
        Self.collect(JSONText(Array(text.utf8)), into: &things, &tags)
      }
    }
    things.subtract(owners)
    var best: [(score: Int, position: Position)] = []
    var cursor = reader.cursor(after: .zero)
    while cursor.position < end {
      let records = try cursor.next()
      if records.isEmpty { break }
      for record in records where record.position <= end {
        let score = score(record)
        if score > 0 { best.append((score, record.position)) }
      }
    }
    // Of equals the earlier: what makes something comes before what uses it.
    best.sort { ($1.score, $0.position) < ($0.score, $1.position) }
    positions = best.prefix(Bisection.candidatesMax).map(\.position)
  }

  /// A thing counts more than whose entry it is, and an event that is named itself most of all.
  private func score(_ record: Record) -> Int {
    var score = things.contains(record.position.raw) ? 8 : 0
    var seen: Set<UInt64> = []
    func add(_ key: EntityKey) {
      switch key {
      case .user(let id): add(id.raw)
      case .post(let id): add(id.raw)
      case .chat(let id): add(id.raw)
      case .tag(let tag): if tags.contains(tag.text) { score += 2 }
      }
    }
    func add(_ id: UInt64) {
      guard seen.insert(id).inserted else { return }
      if things.contains(id) { score += 2 } else if owners.contains(id) { score += 1 }
    }
    add(record.actor.raw)
    add(record.entity)
    forEachRecipient(of: record) { add($0) }
    return score
  }

  /// All identifiers, positions and tags of a value.
  private static func collect(
    _ json: JSONText, into numbers: inout Set<UInt64>, _ tags: inout Set<String>
  ) {
    if let members = json.members {
      for member in members { collect(member.value, into: &numbers, &tags) }
    } else if let items = json.items {
      for item in items { collect(item, into: &numbers, &tags) }
    } else if let text = json.string {
      if let number = UInt64(text) { numbers.insert(number) } else { tags.insert(text) }
    } else if let number = UInt64(json.text), number > 0 {
      numbers.insert(number)
    }
  }
}
