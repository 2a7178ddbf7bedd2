import Domain
import Testing

struct ChatTests {
  static let key = EntityKey.chat(ChatID(500))

  static func opened(
    _ members: [UserID], isDirect: Bool = false
  ) throws -> Scenario<ChatState> {
    var chat = Scenario<ChatState>(key)
    let title = isDirect ? nil : Secret([.title: "Physics"])
    let open = ChatCommand.open(isDirect: isDirect, members: members, secret: title)
    #expect(try chat.when(open, by: members[0]).outcome == .id(500))
    return chat
  }

  static func say(
    _ id: UInt64, reply: UInt64? = nil, _ text: String = "hello", media: [MediaReference] = []
  ) -> ChatCommand {
    .say(
      MessageID(id), reply: reply.map { MessageID($0) }, media: media,
      secret: Secret([.text: text]))
  }

  static func ids(_ chat: Scenario<ChatState>, _ user: UserID) -> [UInt64] {
    chat.state.history(of: user, limit: .max).map(\.id.raw).reversed()
  }

  @Test func `opening a group names its members and its title`() throws {
    let chat = try Self.opened([anna, bert, carl])
    #expect(chat.state.members.map(\.user) == [anna, bert, carl])
    #expect(chat.state.titlePosition(for: bert) == Position(1))
    #expect(!chat.state.isDirect)
    let again = ChatCommand.open(isDirect: false, members: [anna, bert, carl], secret: nil)
    #expect(chat.refusal(of: again, by: anna) == .conflict)
  }

  @Test func `two people share one direct chat for ever`() throws {
    var chat = try Self.opened([anna, bert], isDirect: true)
    let again = ChatCommand.open(isDirect: true, members: [bert, anna], secret: nil)
    let result = try chat.when(again, by: bert)
    #expect(result.events == [])
    #expect(result.outcome == .id(500))
    #expect(chat.refusal(of: .leave, by: anna) == .invalid)
    let others = ChatCommand.open(isDirect: true, members: [carl, anna], secret: nil)
    #expect(chat.refusal(of: others, by: carl) == .conflict)
  }

  @Test func `a direct chat of one keeps notes`() throws {
    var chat = try Self.opened([anna], isDirect: true)
    try chat.when(Self.say(1), by: anna)
    #expect(Self.ids(chat, anna) == [1])
    #expect(chat.state.unreadCount(of: anna) == 0)
  }

  @Test(
    arguments: [
      .open(isDirect: false, members: [bert, anna], secret: nil),
      .open(isDirect: false, members: [], secret: nil),
      .open(isDirect: false, members: [anna, bert, bert], secret: nil),
      .open(isDirect: true, members: [anna, bert, carl], secret: nil),
      .open(isDirect: true, members: [anna, bert], secret: Secret([.title: "t"])),
      .open(isDirect: false, members: [anna, bert], secret: Secret([.title: " "])),
      .open(isDirect: false, members: [anna, bert], secret: Secret([.text: "t"])),
      .open(
        isDirect: false, members: [anna],
        secret: Secret([.title: String(repeating: "t", count: 101)])
      ),
      .open(isDirect: false, members: [anna] + (100..<612).map { UserID($0) }, secret: nil),
    ] as [ChatCommand])
  func `a chat keeps its bounds`(open: ChatCommand) {
    let chat = Scenario<ChatState>(Self.key)
    #expect(chat.refusal(of: open, by: anna) == .invalid)
  }

  @Test func `to who is no member there is no such chat`() throws {
    var chat = try Self.opened([anna, bert])
    try chat.when(Self.say(1), by: anna)
    for command in [Self.say(2), .leave, .read(through: MessageID(1))] {
      #expect(throws: Rejection.noSuchChat) {
        try chat.state.decide(command, by: carl, at: chat.now)
      }
    }
    #expect(Self.ids(chat, carl) == [])
    #expect(chat.state.unreadCount(of: carl) == 0)
    let closed = Scenario<ChatState>(Self.key)
    #expect(closed.refusal(of: .leave, by: anna) == .notFound)
  }

  @Test func `who leaves keeps what was said until then`() throws {
    var chat = try Self.opened([anna, bert, carl])
    try chat.when(Self.say(1), by: anna)
    #expect(try chat.when(.leave, by: bert).events == [.chat(.left)])
    try chat.when(Self.say(2), by: anna)
    #expect(Self.ids(chat, bert) == [1])
    #expect(Self.ids(chat, carl) == [1, 2])
    #expect(chat.state.unreadCount(of: bert) == 1)
    #expect(chat.state.unreadCount(of: carl) == 2)
    #expect(!chat.state.isMember(bert))
    #expect(chat.refusal(of: Self.say(3), by: bert) == .denied)
    #expect(chat.refusal(of: .read(through: MessageID(2)), by: bert) == .notFound)
    #expect(try chat.when(.read(through: MessageID(1)), by: bert).events.count == 1)
    #expect(chat.state.unreadCount(of: bert) == 0)
    let again = try chat.when(.leave, by: bert)
    #expect(again.events == [])
    #expect(again.outcome == .ok)
  }

  @Test func `a message answers its id and may answer another`() throws {
    var chat = try Self.opened([anna, bert])
    let result = try chat.when(Self.say(1), by: anna)
    let secret = Secret([.text: "hello"])
    #expect(
      result.drafts == [Draft(.chat(.said(MessageID(1), reply: nil, media: [])), secret: secret)])
    #expect(result.outcome == .id(1))
    try chat.when(Self.say(2, reply: 1), by: bert)
    let last = try #require(chat.state.messages.last)
    #expect(last.author == bert)
    #expect(last.reply == MessageID(1))
    #expect(last.position == Position(3))
    #expect(chat.refusal(of: Self.say(3, reply: 9), by: bert) == .notFound)
  }

  @Test func `a message that would not be the newest must be tried again`() throws {
    var chat = try Self.opened([anna, bert])
    try chat.when(Self.say(5), by: anna)
    #expect(chat.refusal(of: Self.say(5), by: bert) == .busy)
    #expect(chat.refusal(of: Self.say(4), by: bert) == .busy)
  }

  @Test(arguments: ["", "  \n", String(repeating: "x", count: 5_001)])
  func `a message has a proper text`(text: String) throws {
    let chat = try Self.opened([anna, bert])
    #expect(chat.refusal(of: Self.say(1, text), by: anna) == .invalid)
  }

  @Test func `unread counts what others said after the mark`() throws {
    var chat = try Self.opened([anna, bert])
    try chat.when(Self.say(1), by: anna)
    try chat.when(Self.say(2), by: bert)
    try chat.when(Self.say(3), by: anna)
    #expect(chat.state.unreadCount(of: bert) == 2)
    #expect(chat.state.unreadCount(of: anna) == 1)
    let read = try chat.when(.read(through: MessageID(1)), by: bert)
    #expect(read.events == [.chat(.read(through: MessageID(1)))])
    #expect(chat.state.unreadCount(of: bert) == 1)
    try chat.when(.read(through: MessageID(3)), by: bert)
    #expect(chat.state.unreadCount(of: bert) == 0)
    #expect(chat.state.member(bert)?.readThrough == MessageID(3))
  }

  @Test func `a read mark never goes back`() throws {
    var chat = try Self.opened([anna, bert])
    for id in 1...3 as ClosedRange<UInt64> { try chat.when(Self.say(id), by: anna) }
    try chat.when(.read(through: MessageID(2)), by: bert)
    #expect(try chat.when(.read(through: MessageID(2)), by: bert).events == [])
    #expect(try chat.when(.read(through: MessageID(1)), by: bert).events == [])
    #expect(chat.state.unreadCount(of: bert) == 1)
    #expect(chat.refusal(of: .read(through: MessageID(9)), by: bert) == .notFound)
  }

  @Test(arguments: 0..<12 as Range<UInt64>)
  func `unread is what one counts by hand`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let people = [anna, bert, carl]
    var chat = try Self.opened(people)
    for step in 1...80 as ClosedRange<UInt64> {
      let person = try #require(people.randomElement(using: &random))
      switch Int.random(in: 0..<20, using: &random) {
      case 0: try chat.when(.leave, by: person)
      case 1...6:
        let visible = chat.state.history(of: person, limit: .max)
        if let message = visible.randomElement(using: &random) {
          try chat.when(.read(through: message.id), by: person)
        }
      default:
        if chat.state.isMember(person) { try chat.when(Self.say(step * 10), by: person) }
      }
      for person in people {
        let mark = chat.state.member(person)?.readThrough ?? MessageID(0)
        let unread = chat.state.history(of: person, limit: .max).count {
          $0.author != person && $0.id > mark
        }
        #expect(chat.state.unreadCount(of: person) == unread)
      }
    }
  }
}
