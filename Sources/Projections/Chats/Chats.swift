package import Domain
internal import Journal

/// Everyone's chats by last message, with the exact number of unread messages: those by others
/// since the own read mark.
///
/// A chat is kept by its own shard and by those of its members.
package struct Chats: Projection {
  package static let name = ProjectionName.chats
  package static let foldVersion: UInt32 = 1

  package internal(set) var position = Position.zero
  private let placement: Placement
  private var chats = SegmentedMap<ChatID, Chat>()
  /// Of local people; derived.
  private var lists = SegmentedMap<PersonIndex, RecencyList<ChatID>>()

  init(placement: Placement) { self.placement = placement }

  /// At most `limit` chats that the person takes part in, last message first, on their shard;
  /// `asOf` is the position at which the first page was read.
  package func page(
    of person: PersonIndex, before: UInt64 = .max, asOf: Position, limit: Int
  ) -> [(key: UInt64, chat: ChatID, unread: Int)] {
    guard let list = lists[person] else { return [] }
    let page = list.page(
      before: before, asOf: asOf.raw, limit: limit,
      isCurrent: { Self.isCurrent($0, person, in: chats) },
      keyAsOf: { chats[$0]?.orderKey(asOf: asOf.raw) }, admits: { _ in true })
    return page.map { ($0.key, $0.item, chats[$0.item]?.member(person)?.unread ?? 0) }
  }

  /// Unread messages of one chat, on the person's shard.
  package func unread(in chat: ChatID, for person: PersonIndex) -> Int {
    chats[chat]?.member(person)?.unread ?? 0
  }

  mutating func fold(_ record: Record, _ cast: Cast, people: People) {
    position = record.position
    guard case .chat(let event) = record.event, case .chat(let id) = record.entity else { return }
    let actor = cast.actor
    switch event {
    case .opened(let isDirect, let users):
      let members = users.compactMap { people.index(of: $0) }.map { Chat.Member(person: $0) }
      keep(Chat(isDirect: isDirect, opened: record.position.raw, members: members), id, people)
    case .left: leave(id, actor, record.position)
    case .said(let message, _, _):
      guard chats[id] != nil else { return }
      chats[id]?.say(
        Chat.Message(id: message.raw, position: record.position.raw, author: actor))
      touch(id, wasListed: true, people)
    case .read(let through): chats[id]?.read(actor, through: through.raw)
    case .added, .removed, .roleChanged, .titled, .unsaid: break
    }
  }

  private mutating func keep(_ chat: Chat, _ id: ChatID, _ people: People) {
    guard
      placement.owns(hash: id.segmentHash)
        || chat.members.contains(where: { people.isLocal($0.person) })
    else { return }
    chats[id] = chat
    touch(id, wasListed: false, people)
  }

  private mutating func touch(_ id: ChatID, wasListed: Bool, _ people: People) {
    let chats = chats
    guard let chat = chats[id] else { return }
    for member in chat.members where member.left == 0 && people.isLocal(member.person) {
      lists[member.person, default: RecencyList()]
        .touch(id, key: chat.orderKey, wasListed: wasListed) {
          Self.isCurrent($0, member.person, in: chats)
        }
    }
  }

  private mutating func leave(_ id: ChatID, _ actor: PersonIndex, _ position: Position) {
    chats[id]?.leave(actor, at: position.raw)
    let chats = chats
    lists[actor]?.noteStale { Self.isCurrent($0, actor, in: chats) }
  }

  private static func isCurrent(
    _ entry: RecencyList<ChatID>.Entry, _ person: PersonIndex,
    in chats: SegmentedMap<ChatID, Chat>
  ) -> Bool {
    guard let chat = chats[entry.item], chat.orderKey == entry.key else { return false }
    return chat.member(person)?.left == 0
  }

  // MARK: Entries

  /// Entry: chat → [is direct, opened, [row, mark, left of each member], [id, position, row of each
  /// message]], the inner ones flat.
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    chats.forEach { id, chat in
      guard placement.owns(hash: id.segmentHash) else { return }
      entry.key.uint(id.raw)
      entry.value.array(4)
      entry.value.bool(chat.isDirect)
      entry.value.uint(chat.opened)
      entry.value.array(3 * chat.members.count)
      for member in chat.members {
        entry.value.person(member.person)
        entry.value.uint(member.mark)
        entry.value.uint(member.left)
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

  mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder, people: People
  ) throws(CBORError) {
    let id = ChatID(try key.uint())
    try value.array(of: 4)
    let isDirect = try value.bool()
    let opened = try value.uint()
    let memberCount = try value.array()
    guard memberCount % 3 == 0 else { throw .invalidValue }
    var members: [Chat.Member] = []
    for _ in 0..<(memberCount / 3) {
      let person = try value.person()
      guard person.row < people.count else { throw .invalidValue }
      members.append(
        Chat.Member(person: person, mark: try value.uint(), left: try value.uint()))
    }
    var chat = Chat(isDirect: isDirect, opened: opened, members: members)
    guard
      placement.owns(hash: id.segmentHash) || members.contains(where: { people.isLocal($0.person) })
    else { return }
    let messageCount = try value.array()
    guard messageCount % 3 == 0 else { throw .invalidValue }
    for _ in 0..<(messageCount / 3) {
      let message = try value.uint()
      let position = try value.uint()
      chat.restore(Chat.Message(id: message, position: position, author: try value.person()))
    }
    chat.countUnread()
    chats[id] = chat
  }

  /// Lists the chats again, oldest first.
  mutating func finishRestoring(people: People) {
    var order: [(key: UInt64, id: ChatID)] = []
    chats.forEach { order.append(($1.orderKey, $0)) }
    order.sort { $0.key < $1.key }
    for entry in order { touch(entry.id, wasListed: false, people) }
  }
}
