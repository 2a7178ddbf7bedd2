package import Domain
internal import Journal

/// Everyone's chats by last message, with the exact number of unread messages: those that others
/// said while one took part, since the own read mark.
///
/// A chat is kept by its own shard and by those of its members; where the first member joins later,
/// from then on.
package struct Chats: Projection {
  package static let name = ProjectionName.chats
  package static let foldVersion: UInt32 = 2
  package static let encodingVersion: UInt32 = 2

  package internal(set) var position = Position.zero
  private let placement: Placement
  private var chats = SegmentedMap<ChatID, Chat>()
  /// Of local people; derived.
  private var lists = SegmentedMap<PersonIndex, RecencyList<ChatID>>()

  init(placement: Placement) { self.placement = placement }

  /// At most `limit` chats that the person takes part in, last message first, on their shard;
  /// `asOf` is the position at which the first page was read. A chat in which nothing was said
  /// since they joined stands where they joined.
  package func page(
    of person: PersonIndex, before: UInt64 = .max, asOf: Position, limit: Int
  ) -> [(key: UInt64, chat: ChatID, unread: Int)] {
    guard let list = lists[person] else { return [] }
    let page = list.page(
      before: before, asOf: asOf.raw, limit: limit,
      isCurrent: { Self.isCurrent($0, person, in: chats) },
      keyAsOf: { chats[$0]?.orderKey(of: person, asOf: asOf.raw) }, admits: { _ in true })
    return page.map { ($0.key, $0.item, unread(in: $0.item, for: person)) }
  }

  /// Unread messages of one chat, on the person's shard; also of who left it.
  package func unread(in chat: ChatID, for person: PersonIndex) -> Int {
    chats[chat]?.unread(of: person) ?? 0
  }

  mutating func fold(_ record: Record, _ cast: Cast, people: People) {
    position = record.position
    guard case .chat(let event) = record.event, case .chat(let id) = record.entity else { return }
    switch event {
    case .opened(_, let members):
      if placement.owns(hash: id.segmentHash) { chats[id] = Chat() }
      join(id, members, record.position, people)
    case .added(let members):
      join(id, members, record.position, people)
    case .left:
      leave(id, cast.actor, record.position)
    case .removed(let member):
      if let person = people.index(of: member) { leave(id, person, record.position) }
    case .said(let message, _, _):
      guard chats[id] != nil else { return }
      chats[id]?.say(
        Chat.Message(id: message.raw, position: record.position.raw, author: cast.actor))
      for member in chats[id]?.members ?? [] {
        touch(id, member.person, record.position.raw, wasListed: true, people)
      }
    case .read(let through):
      chats[id]?.read(cast.actor, through: through.raw)
    case .roleChanged, .titled, .unsaid:
      break
    }
  }

  private mutating func join(
    _ id: ChatID, _ users: [UserID], _ position: Position, _ people: People
  ) {
    let joining = users.compactMap { people.index(of: $0) }
    guard chats[id] != nil || joining.contains(where: { people.isLocal($0) }) else { return }
    for person in joining {
      chats[id, default: Chat()].join(person, at: position.raw)
      touch(id, person, position.raw, wasListed: false, people)
    }
  }

  private mutating func touch(
    _ id: ChatID, _ person: PersonIndex, _ key: UInt64, wasListed: Bool, _ people: People
  ) {
    guard people.isLocal(person) else { return }
    let chats = chats
    lists[person, default: RecencyList()].touch(id, key: key, wasListed: wasListed) {
      Self.isCurrent($0, person, in: chats)
    }
  }

  private mutating func leave(_ id: ChatID, _ person: PersonIndex, _ position: Position) {
    guard chats[id]?.leave(person, at: position.raw) == true else { return }
    let chats = chats
    lists[person]?.noteStale { Self.isCurrent($0, person, in: chats) }
  }

  private static func isCurrent(
    _ entry: RecencyList<ChatID>.Entry, _ person: PersonIndex,
    in chats: SegmentedMap<ChatID, Chat>
  ) -> Bool {
    chats[entry.item]?.orderKey(of: person) == entry.key
  }

  // MARK: Entries

  /// Entry: chat → [[row, mark, stays of everyone who takes part or did, by row], [id, position,
  /// row of each message]], the inner ones flat; stays: [joined, left or 0 of each], flat too.
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    chats.forEach { id, chat in
      guard placement.owns(hash: id.segmentHash) else { return }
      entry.key.uint(id.raw)
      entry.value.array(2)
      let everyone = (chat.members + chat.formers).sorted { $0.person < $1.person }
      entry.value.array(3 * everyone.count)
      for member in everyone {
        entry.value.person(member.person)
        entry.value.uint(member.mark)
        entry.value.array(2 * member.earlier.count + 2)
        for stay in member.earlier + [member.stay] {
          entry.value.uint(stay.joined)
          entry.value.uint(stay.left)
        }
      }
      entry.value.array(3 * chat.messages.count)
      for message in chat.messages {
        entry.value.uint(message.id)
        entry.value.uint(message.position)
        entry.value.person(message.author)
      }
      entry.emit(to: body)
    }
  }

  /// What an entry means.
  static let shapes = EntryShapes(
    .chat,
    .fields([
      "people": .groups([
        "person": .person, "mark": .position,
        "stays": .groups(["joined": .position, "left": .position]),
      ]),
      "messages": .groups(["id": .message, "position": .position, "author": .person]),
    ]))

  mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder, people: People
  ) throws(CBORError) {
    let id = ChatID(try key.uint())
    try value.array(of: 2)
    var chat = Chat()
    for _ in 0..<(try Self.count(of: 3, &value)) {
      chat.restore(try Self.member(&value, people))
    }
    let everyone = chat.members + chat.formers
    guard
      placement.owns(hash: id.segmentHash)
        || everyone.contains(where: { people.isLocal($0.person) })
    else { return }
    for _ in 0..<(try Self.count(of: 3, &value)) {
      let message = try value.uint()
      let position = try value.uint()
      chat.say(Chat.Message(id: message, position: position, author: try value.person()))
    }
    chats[id] = chat
  }

  private static func member(
    _ value: inout CBORDecoder, _ people: People
  ) throws(CBORError) -> Chat.Member {
    let person = try value.person()
    guard person.row < people.count else { throw .invalidValue }
    let mark = try value.uint()
    var stays: [Chat.Stay] = []
    for _ in 0..<(try count(of: 2, &value)) {
      stays.append(Chat.Stay(joined: try value.uint(), left: try value.uint()))
    }
    guard let stay = stays.popLast() else { throw .invalidValue }
    return Chat.Member(person: person, mark: mark, stay: stay, earlier: stays)
  }

  /// How many groups of so many items a flat array holds.
  private static func count(
    of width: Int, _ value: inout CBORDecoder
  ) throws(CBORError) -> Int {
    let count = try value.array()
    guard count % width == 0 else { throw .invalidValue }
    return count / width
  }

  /// Lists the chats again, oldest first.
  mutating func finishRestoring(people: People) {
    var order: [(key: UInt64, person: PersonIndex, id: ChatID)] = []
    chats.forEach { id, chat in
      for member in chat.members where people.isLocal(member.person) {
        order.append((chat.orderKey(of: member.person) ?? 0, member.person, id))
      }
    }
    order.sort { $0.key < $1.key }
    for entry in order { touch(entry.id, entry.person, entry.key, wasListed: false, people) }
  }
}
