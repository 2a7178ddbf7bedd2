internal import Domain
internal import Journal

/// Gathers what a segment says about some consecutive records, in memory: 16 bytes for each entity
/// that a record is under, 4 for its type.
struct PostingCollector {
  private struct Posting {
    var id: UInt64
    var offset: UInt32
  }

  let first: Position
  private(set) var count: UInt32 = 0
  /// By kind of term; those with an id.
  private var ids = [[Posting]](repeating: [], count: HistoryTerm.Kind.allCases.count + 1)
  private var types = [[UInt32]](repeating: [], count: 256)
  /// The others, by their bytes.
  private var others: [[UInt8]: [UInt32]] = [:]

  init(first: Position) { self.first = first }

  /// Takes the next record.
  mutating func add(_ requested: RequestedRecord) {
    let offset = count
    count += 1
    requested.forEachTerm { add($0, offset) }
  }

  private mutating func add(_ term: HistoryTerm, _ offset: UInt32) {
    switch term {
    case .entity(.user(let id)), .deeds(let id), .inbox(let id), .identity(let id):
      add(term.kind, id.raw, offset)
    case .entity(.post(let id)): add(term.kind, id.raw, offset)
    case .entity(.chat(let id)): add(term.kind, id.raw, offset)
    case .type(let type): types[Int(type.rawValue)].append(offset)
    case .entity(.tag), .request, .username:
      others[term.bytes, default: []].append(offset)
    }
  }

  private mutating func add(_ kind: HistoryTerm.Kind, _ id: UInt64, _ offset: UInt32) {
    ids[Int(kind.rawValue)].append(Posting(id: id, offset: offset))
  }

  /// Hands out every term with its offsets, in the order of the index. Leaves nothing behind.
  mutating func drain<Failure: Error>(
    _ body: (_ term: [UInt8], _ offsets: [UInt32]) throws(Failure) -> Void
  ) throws(Failure) {
    let texts = Dictionary(grouping: others.keys) { $0[0] }
    for kind in HistoryTerm.Kind.allCases {
      switch kind {
      case .user, .post, .chat, .deeds, .inbox, .identity: try drain(kind, body)
      case .type:
        for (type, offsets) in types.enumerated() where !offsets.isEmpty {
          try body([kind.rawValue, UInt8(type)], offsets)
        }
      case .tag, .request, .username:
        let terms = (texts[kind.rawValue] ?? []).sorted { $0.lexicographicallyPrecedes($1) }
        for term in terms { try body(term, Self.distinct(others[term] ?? [])) }
      }
    }
    self = PostingCollector(first: first)
  }

  private mutating func drain<Failure: Error>(
    _ kind: HistoryTerm.Kind,
    _ body: (_ term: [UInt8], _ offsets: [UInt32]) throws(Failure) -> Void
  ) throws(Failure) {
    var postings: [Posting] = []
    swap(&postings, &ids[Int(kind.rawValue)])
    postings.sort { $0.id != $1.id ? $0.id < $1.id : $0.offset < $1.offset }
    var index = 0
    var offsets: [UInt32] = []
    while index < postings.count {
      let id = postings[index].id
      offsets.removeAll(keepingCapacity: true)
      while index < postings.count, postings[index].id == id {
        let offset = postings[index].offset
        if offsets.last != offset { offsets.append(offset) }
        index += 1
      }
      try body(HistoryTerm.bytes(kind, id), offsets)
    }
  }

  private static func distinct(_ offsets: [UInt32]) -> [UInt32] {
    var distinct: [UInt32] = []
    for offset in offsets where distinct.last != offset { distinct.append(offset) }
    return distinct
  }
}
