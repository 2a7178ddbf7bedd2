import Domain
import Projections
import Testing

struct ChatListTests {
  private var script = Script()
  private let people: [UserID]

  init() { people = script.people(4) }

  private mutating func open(_ members: [UserID]) -> ChatID {
    let chat = ChatID(script.newID())
    emit(.opened(isDirect: false, members: members), by: members[0], chat)
    return chat
  }

  private mutating func emit(_ event: ChatEvent, by actor: UserID, _ chat: ChatID) {
    script.emit(.chat(event), by: actor, .chat(chat))
  }

  @discardableResult
  private mutating func say(_ author: UserID, _ chat: ChatID) -> MessageID {
    let message = MessageID(script.newID())
    emit(.said(message, reply: nil, media: []), by: author, chat)
    return message
  }

  private func list(
    _ user: UserID, before: UInt64 = .max, asOf: Position? = nil, limit: Int = 100
  ) -> [KeyedItem<ChatSummary>] {
    script.models.chatsPage(
      of: user, before: before, asOf: asOf ?? script.models.position, limit: limit)
  }

  private func chats(_ user: UserID) -> [ChatID] { list(user).map(\.item.chat) }
  private func unread(_ user: UserID) -> [Int] { list(user).map(\.item.unread) }

  @Test mutating func `a chat stands by its last message or by one's own joining`() {
    let old = open([people[0], people[1]])
    say(people[0], old)
    let other = open([people[0], people[2]])
    #expect(chats(people[0]) == [other, old])
    emit(.added([people[2]]), by: people[0], old)
    #expect(chats(people[2]) == [old, other])
    #expect(unread(people[2]) == [0, 0])
    #expect(chats(people[0]) == [other, old])
    say(people[2], other)
    #expect(chats(people[2]) == [other, old])
  }

  @Test mutating func `who left has the chat in the list no more until they are added again`() {
    let chat = open([people[0], people[1]])
    let other = open([people[0], people[1]])
    say(people[0], chat)
    emit(.removed(people[1]), by: people[0], chat)
    #expect(chats(people[1]) == [other])
    say(people[0], chat)
    emit(.added([people[1]]), by: people[0], chat)
    #expect(chats(people[1]) == [chat, other])
    #expect(unread(people[1]) == [1, 0])
    say(people[0], chat)
    #expect(unread(people[1]) == [2, 0])
  }

  /// Neither moving up, nor leaving, nor joining again makes a list read in pages skip or repeat a
  /// chat that was there and is there.
  @Test mutating func `pages are as of the first`() {
    var all: [ChatID] = []
    for _ in 0..<6 { all.append(open([people[0], people[1]])) }
    let asOf = script.models.position
    let first = list(people[1], asOf: asOf, limit: 2)
    #expect(first.map(\.item.chat) == [all[5], all[4]])
    say(people[0], all[0])
    emit(.left, by: people[1], all[1])
    emit(.left, by: people[1], all[2])
    emit(.added([people[1]]), by: people[0], all[2])
    let new = open([people[0], people[1]])
    emit(.added([people[1]]), by: people[0], all[1])
    let rest = list(people[1], before: first[1].pageKey, asOf: asOf)
    #expect(rest.map(\.item.chat) == [all[3], all[2], all[1], all[0]])
    #expect(chats(people[1]) == [all[1], new, all[2], all[0], all[5], all[4], all[3]])
  }
}
