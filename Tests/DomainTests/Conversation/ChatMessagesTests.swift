import Domain
import Testing

struct ChatMessagesTests {
  static func media(_ count: Int, distinct: Int? = nil) -> [MediaReference] {
    (0..<count).map {
      MediaReference(
        id: MediaID(UInt64(1 + $0 % (distinct ?? count))), kind: .image, position: Position(9))
    }
  }

  @Test func `a message carries its media`() throws {
    var chat = try ChatTests.opened([anna, bert])
    let media = Self.media(10)
    let result = try chat.when(ChatTests.say(1, media: media), by: anna)
    #expect(result.events == [.chat(.said(MessageID(1), reply: nil, media: media))])
    #expect(chat.state.messages.last?.media == media)
    #expect(chat.refusal(of: ChatTests.say(2, media: Self.media(11)), by: anna) == .invalid)
    #expect(
      chat.refusal(of: ChatTests.say(2, media: Self.media(2, distinct: 1)), by: anna) == .invalid)
  }

  @Test func `authors and admins take a message back, once`() throws {
    var chat = try ChatTests.opened([anna, bert, carl])
    try chat.when(ChatTests.say(1), by: bert)
    try chat.when(ChatTests.say(2), by: anna)
    #expect(chat.refusal(of: .unsay(MessageID(1)), by: carl) == .denied)
    #expect(chat.refusal(of: .unsay(MessageID(2)), by: bert) == .denied)
    #expect(
      try chat.when(.unsay(MessageID(1)), by: anna).events == [.chat(.unsaid(MessageID(1)))])
    #expect(chat.state.unsaid[MessageID(1)] == Position(4))
    #expect(try chat.when(.unsay(MessageID(1)), by: bert).events == [])
    #expect(chat.state.unsaid.count == 1)
  }

  @Test func `in a direct chat only authors take a message back`() throws {
    var chat = try ChatTests.opened([anna, bert], isDirect: true)
    try chat.when(ChatTests.say(1), by: bert)
    #expect(chat.refusal(of: .unsay(MessageID(1)), by: anna) == .denied)
    #expect(try chat.when(.unsay(MessageID(1)), by: bert).events.count == 1)
  }

  @Test func `authors take back what they said also after they left`() throws {
    var chat = try ChatTests.opened([anna, bert])
    try chat.when(ChatTests.say(1), by: bert)
    try chat.when(.leave, by: bert)
    #expect(try chat.when(.unsay(MessageID(1)), by: bert).events.count == 1)
  }

  @Test func `nobody takes back what they may not read`() throws {
    var chat = try ChatTests.opened([anna, bert])
    try chat.when(ChatTests.say(1), by: bert)
    try chat.when(.add(carl), by: anna)
    try chat.when(.setRole(carl, isAdmin: true), by: anna)
    for id in [1, 7] as [UInt64] {
      #expect(throws: Rejection.noSuchMessage) {
        try chat.state.decide(.unsay(MessageID(id)), by: carl, at: chat.now)
      }
    }
    #expect(throws: Rejection.noSuchChat) {
      try chat.state.decide(.unsay(MessageID(1)), by: dora, at: chat.now)
    }
  }

  @Test func `what was taken back is there still, to be counted, read and answered`() throws {
    var chat = try ChatTests.opened([anna, bert])
    try chat.when(ChatTests.say(1), by: anna)
    try chat.when(.unsay(MessageID(1)), by: anna)
    #expect(ChatTests.ids(chat, bert) == [1])
    #expect(chat.state.unreadCount(of: bert) == 1)
    try chat.when(ChatTests.say(2, reply: 1), by: bert)
    try chat.when(.read(through: MessageID(1)), by: bert)
    #expect(chat.state.unreadCount(of: bert) == 0)
  }

  @Test(arguments: [1, 2, 3, 5, 50])
  func `history in pages is the history`(limit: Int) throws {
    var chat = try ChatTests.opened([anna, bert])
    for id in 1...40 as ClosedRange<UInt64> {
      try chat.when(ChatTests.say(id), by: anna)
      if id % 7 == 3 { try chat.when(.remove(bert), by: anna) }
      if id % 7 == 5 { try chat.when(.add(bert), by: anna) }
    }
    var ids: [UInt64] = []
    var before = UInt64.max
    while true {
      let page = chat.state.history(of: bert, before: before, limit: limit)
      ids += page.map(\.id.raw)
      guard page.count == limit, let last = page.last else { break }
      before = last.id.raw
    }
    #expect(ids == (1...40).reversed().filter { ![4, 5].contains($0 % 7) })
  }

  /// Ten thousand marks: to look at what lies behind each would take minutes.
  @Test(.timeLimit(.minutes(1)))
  func `in a long history reading and counting look at few messages`() {
    var state = ChatState(key: ChatTests.key)
    let count: UInt64 = 100_000
    func fold(_ event: ChatEvent, by actor: UserID) {
      state.apply(
        Record(
          position: Position(state.sequence + 1), time: Instant(ms: 0), actor: actor,
          entity: ChatTests.key, sequence: state.sequence + 1, event: .chat(event),
          hasSecret: true))
    }
    fold(.opened(isDirect: false, members: [anna, bert]), by: anna)
    for id in 1...count {
      fold(.said(MessageID(id), reply: nil, media: []), by: id % 4 == 0 ? bert : anna)
    }
    var wrong = 0
    for id in stride(from: 1, through: count, by: 10) {
      fold(.read(through: MessageID(id)), by: bert)
      let unread = Int(count - id) - Int(count / 4 - id / 4)
      if state.unreadCount(of: bert) != unread { wrong += 1 }
    }
    #expect(wrong == 0)
  }
}
