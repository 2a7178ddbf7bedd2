import Domain
import Testing

struct ChatMembersTests {
  typealias Chat = Scenario<ChatState>

  static func opened(_ members: [UserID] = [anna, bert, carl]) throws -> Chat {
    try ChatTests.opened(members)
  }

  static func names(_ chat: Chat) -> [UserID] { chat.state.members.map(\.user) }
  static func admins(_ chat: Chat) -> [UserID] {
    chat.state.members.filter(\.isAdmin).map(\.user)
  }

  // MARK: Adding and removing

  @Test func `who opens a group is its admin, and nobody else`() throws {
    let chat = try Self.opened()
    #expect(Self.admins(chat) == [anna])
    #expect(Self.admins(try ChatTests.opened([anna, bert], isDirect: true)) == [])
  }

  @Test func `an admin adds and removes, once each`() throws {
    var chat = try Self.opened([anna, bert])
    #expect(try chat.when(.add(carl), by: anna).events == [.chat(.added([carl]))])
    #expect(Self.names(chat) == [anna, bert, carl])
    #expect(try chat.when(.add(carl), by: anna).events == [])
    #expect(try chat.when(.remove(bert), by: anna).events == [.chat(.removed(bert))])
    #expect(Self.names(chat) == [anna, carl])
    #expect(try chat.when(.remove(bert), by: anna).events == [])
    #expect(try chat.when(.remove(dora), by: anna).events == [])
    #expect(!chat.state.isMember(bert))
    #expect(chat.state.member(bert)?.left == Position(3))
  }

  @Test func `who is no admin may not, and to who is no member there is no such chat`() throws {
    var chat = try Self.opened([anna, bert, carl])
    try chat.when(.leave, by: carl)
    let commands: [ChatCommand] = [
      .add(dora), .remove(anna), .setRole(bert, isAdmin: true),
      .setTitle(Secret([.title: "Mine"])), .setTitle(nil),
    ]
    for command in commands {
      #expect(chat.refusal(of: command, by: bert) == .denied)
      #expect(chat.refusal(of: command, by: carl) == .denied)
      #expect(throws: Rejection.noSuchChat) {
        try chat.state.decide(command, by: dora, at: chat.now)
      }
    }
  }

  @Test func `a direct chat has no admins and nobody joins or leaves it`() throws {
    let chat = try ChatTests.opened([anna, bert], isDirect: true)
    let commands: [ChatCommand] = [
      .add(carl), .remove(bert), .remove(anna), .leave, .setRole(anna, isAdmin: true),
      .setTitle(Secret([.title: "Us"])), .setTitle(nil),
    ]
    for command in commands { #expect(chat.refusal(of: command, by: anna) == .invalid) }
  }

  @Test func `to remove oneself is to leave`() throws {
    var chat = try Self.opened()
    #expect(try chat.when(.remove(bert), by: bert).events == [.chat(.left)])
    #expect(try chat.when(.remove(bert), by: bert).events == [])
    #expect(
      try chat.when(.remove(anna), by: anna).events
        == [.chat(.left), .chat(.roleChanged(carl, isAdmin: true))])
  }

  @Test func `a chat has 512 members and no more`() throws {
    let others = (100..<610).map { UserID($0) }
    var chat = try Self.opened([anna] + others)
    #expect(chat.state.members.count == ChatState.membersMax - 1)
    try chat.when(.add(bert), by: anna)
    #expect(chat.state.members.count == ChatState.membersMax)
    #expect(chat.refusal(of: .add(carl), by: anna) == .denied)
    #expect(try chat.when(.add(bert), by: anna).events == [])
    try chat.when(.remove(bert), by: anna)
    try chat.when(.add(carl), by: anna)
    #expect(chat.refusal(of: .add(bert), by: anna) == .denied)
    let full = ChatCommand.open(
      isDirect: false, members: [anna] + (0..<511).map { UserID(100 + $0) }, secret: nil)
    var other = Chat(.chat(ChatID(501)))
    try other.when(full, by: anna)
    #expect(other.state.members.count == ChatState.membersMax)
  }

  // MARK: Roles

  @Test func `an admin gives and takes roles, once each`() throws {
    var chat = try Self.opened()
    let promote = ChatCommand.setRole(bert, isAdmin: true)
    #expect(
      try chat.when(promote, by: anna).events == [.chat(.roleChanged(bert, isAdmin: true))])
    #expect(try chat.when(promote, by: anna).events == [])
    #expect(Self.admins(chat) == [anna, bert])
    #expect(
      try chat.when(.setRole(anna, isAdmin: false), by: bert).events
        == [.chat(.roleChanged(anna, isAdmin: false))])
    #expect(try chat.when(.setRole(carl, isAdmin: false), by: bert).events == [])
    #expect(Self.admins(chat) == [bert])
    #expect(throws: Rejection.noSuchMember) {
      try chat.state.decide(.setRole(dora, isAdmin: true), by: bert, at: chat.now)
    }
  }

  @Test func `the last admin stays one`() throws {
    var chat = try Self.opened()
    #expect(chat.refusal(of: .setRole(anna, isAdmin: false), by: anna) == .denied)
    try chat.when(.setRole(carl, isAdmin: true), by: anna)
    try chat.when(.setRole(anna, isAdmin: false), by: anna)
    #expect(chat.refusal(of: .setRole(carl, isAdmin: false), by: carl) == .denied)
  }

  @Test func `when the last admin leaves, the member who joined first becomes admin`() throws {
    var chat = try Self.opened()
    #expect(
      try chat.when(.leave, by: anna).events
        == [.chat(.left), .chat(.roleChanged(bert, isAdmin: true))])
    #expect(Self.admins(chat) == [bert])
    try chat.when(.setRole(carl, isAdmin: true), by: bert)
    #expect(try chat.when(.leave, by: bert).events == [.chat(.left)])
    #expect(Self.admins(chat) == [carl])
    #expect(try chat.when(.leave, by: carl).events == [.chat(.left)])
    #expect(Self.names(chat) == [])
    #expect(chat.refusal(of: .add(anna), by: carl) == .denied)
  }

  @Test func `who was added again joined last, as a mere member`() throws {
    var chat = try Self.opened()
    try chat.when(.setRole(bert, isAdmin: true), by: anna)
    try chat.when(.remove(bert), by: anna)
    try chat.when(.add(bert), by: anna)
    #expect(Self.names(chat) == [anna, carl, bert])
    #expect(Self.admins(chat) == [anna])
    try chat.when(.leave, by: anna)
    #expect(Self.admins(chat) == [carl])
  }

  /// As journals were before there were roles: nothing follows the leaving of the last admin.
  @Test func `a group of before there were roles has an admin always`() {
    var state = ChatState(key: ChatTests.key)
    func fold(_ event: ChatEvent, by actor: UserID) {
      state.apply(
        Record(
          position: Position(state.sequence + 1), time: Instant(ms: 0), actor: actor,
          entity: ChatTests.key, sequence: state.sequence + 1, event: .chat(event),
          hasSecret: false))
    }
    fold(.opened(isDirect: false, members: [anna, bert, carl]), by: anna)
    #expect(state.isAdmin(anna) && !state.isAdmin(bert))
    fold(.left, by: bert)
    fold(.left, by: anna)
    #expect(state.isAdmin(carl))
    #expect(!state.isAdmin(anna))
    fold(.left, by: carl)
    #expect(state.members == [])
  }

  // MARK: Titles

  @Test func `a title comes and goes`() throws {
    var chat = try Self.opened()
    let title = Secret([.title: "Chemistry"])
    let result = try chat.when(.setTitle(title), by: anna)
    #expect(result.drafts == [Draft(.chat(.titled), secret: title)])
    #expect(chat.state.titlePosition(for: bert) == Position(2))
    #expect(try chat.when(.setTitle(nil), by: anna).drafts == [Draft(.chat(.titled))])
    #expect(chat.state.titlePosition(for: bert) == .zero)
    #expect(try chat.when(.setTitle(nil), by: anna).events == [])
    for title in [" ", String(repeating: "t", count: 101)] {
      #expect(chat.refusal(of: .setTitle(Secret([.title: title])), by: anna) == .invalid)
    }
    try chat.when(.setTitle(Secret([.title: String(repeating: "t", count: 100)])), by: anna)
    #expect(chat.state.titlePosition(for: bert) == Position(4))
  }

  @Test func `who left sees the title that there was then`() throws {
    var chat = try Self.opened()
    try chat.when(.leave, by: bert)
    try chat.when(.setTitle(Secret([.title: "Without bert"])), by: anna)
    #expect(chat.state.titlePosition(for: bert) == Position(1))
    #expect(chat.state.titlePosition(for: carl) == Position(3))
    try chat.when(.add(bert), by: anna)
    #expect(chat.state.titlePosition(for: bert) == Position(3))
  }

  // MARK: What was said meanwhile

  @Test func `who was added again reads both times and nothing between`() throws {
    var chat = try Self.opened()
    try chat.when(ChatTests.say(1), by: anna)
    try chat.when(.remove(bert), by: anna)
    try chat.when(ChatTests.say(2), by: anna)
    try chat.when(.add(bert), by: anna)
    try chat.when(ChatTests.say(3), by: anna)
    #expect(ChatTests.ids(chat, bert) == [1, 3])
    #expect(chat.state.unreadCount(of: bert) == 2)
    #expect(chat.refusal(of: .read(through: MessageID(2)), by: bert) == .notFound)
    #expect(chat.refusal(of: ChatTests.say(4, reply: 2), by: bert) == .notFound)
    #expect(chat.refusal(of: .unsay(MessageID(2)), by: bert) == .notFound)
    try chat.when(.read(through: MessageID(1)), by: bert)
    #expect(chat.state.unreadCount(of: bert) == 1)
    try chat.when(.leave, by: bert)
    try chat.when(ChatTests.say(4), by: anna)
    #expect(ChatTests.ids(chat, bert) == [1, 3])
    #expect(chat.state.unreadCount(of: bert) == 1)
  }

  @Test func `who joins later reads what is said from then on`() throws {
    var chat = try Self.opened([anna, bert])
    try chat.when(ChatTests.say(1), by: anna)
    try chat.when(.add(carl), by: anna)
    #expect(ChatTests.ids(chat, carl) == [])
    #expect(chat.state.unreadCount(of: carl) == 0)
    try chat.when(ChatTests.say(2), by: bert)
    #expect(ChatTests.ids(chat, carl) == [2])
    #expect(chat.state.unreadCount(of: carl) == 1)
  }

  @Test func `who takes part at an event hears of it, coming and going included`() throws {
    var chat = try Self.opened([anna, bert])
    try chat.when(.add(carl), by: anna)
    try chat.when(ChatTests.say(1), by: anna)
    try chat.when(.remove(carl), by: anna)
    try chat.when(ChatTests.say(2), by: anna)
    try chat.when(.add(carl), by: anna)
    let heard = (1...6 as ClosedRange<UInt64>).filter {
      chat.state.tookPart(carl, at: Position($0))
    }
    #expect(heard == [2, 3, 4, 6])
    #expect(chat.state.participants(at: Position(1)) == [anna, bert])
    #expect(chat.state.participants(at: Position(3)) == [anna, bert, carl])
    #expect(!chat.state.tookPart(dora, at: Position(3)))
  }

  /// The rules once more, over the records alone and with nothing kept.
  private struct ByHand {
    let records: [Record]

    func isIn(_ user: UserID, after position: Position) -> Bool {
      var isIn = false
      for record in records where record.position <= position {
        switch record.event {
        case .chat(.opened(_, let users)), .chat(.added(let users)):
          isIn = isIn || users.contains(user)
        case .chat(.left): isIn = isIn && record.actor != user
        case .chat(.removed(let other)): isIn = isIn && other != user
        default: break
        }
      }
      return isIn
    }

    func visible(_ user: UserID) -> [(id: MessageID, author: UserID)] {
      records.compactMap { record in
        guard case .chat(.said(let id, _, _)) = record.event,
          isIn(user, after: record.position)
        else { return nil }
        return (id, record.actor)
      }
    }

    func unread(_ user: UserID) -> Int {
      var mark = MessageID(0)
      for record in records where record.actor == user {
        if case .chat(.read(let through)) = record.event { mark = max(mark, through) }
      }
      return visible(user).count { $0.author != user && $0.id > mark }
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `whatever happens, everyone reads what was said in their times`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let people = [anna, bert, carl, dora]
    var chat = try Self.opened([anna, bert])
    for step in 1...200 as ClosedRange<UInt64> {
      let person = try #require(people.randomElement(using: &random))
      let other = try #require(people.randomElement(using: &random))
      let seen = chat.state.history(of: person, limit: .max).randomElement(using: &random)
      let command: ChatCommand =
        switch Int.random(in: 0..<16, using: &random) {
        case 0 where chat.state.members.count > 1: .leave
        case 1...2 where chat.state.members.count > 1: .remove(other)
        case 3...5: .add(other)
        case 6: .setRole(other, isAdmin: Bool.random(using: &random))
        case 7...9: .read(through: seen?.id ?? MessageID(1))
        case 10: .unsay(seen?.id ?? MessageID(1))
        default: ChatTests.say(step * 10)
        }
      _ = try? chat.when(command, by: person)
      let byHand = ByHand(records: chat.records)
      for person in people {
        #expect(chat.state.isMember(person) == byHand.isIn(person, after: chat.position))
        #expect(ChatTests.ids(chat, person) == byHand.visible(person).map(\.id.raw))
        #expect(chat.state.unreadCount(of: person) == byHand.unread(person))
      }
      #expect(chat.state.members.isEmpty || !Self.admins(chat).isEmpty)
    }
    #expect(chat.records.count > 40)
  }
}
