import Domain
import Testing

struct UserListTests {
  static let list = ListID(7)

  static func make(_ id: UInt64, _ title: String = "Friends") -> UserCommand {
    .list(.make(ListID(id), secret: Secret([.title: title])))
  }

  static func add(_ user: UserID) -> UserCommand { .list(.add(list, user)) }
  static func remove(_ user: UserID) -> UserCommand { .list(.remove(list, user)) }

  private static func withList() throws -> Scenario<UserState> {
    var user = try Scenario<UserState>.signedUp(anna)
    try user.when(make(7))
    return user
  }

  @Test func `a new list is empty and knows where its title lies`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    let result = try user.when(Self.make(7), by: anna)
    #expect(result.outcome == .id(7))
    let secret = Secret([.title: "Friends"])
    #expect(result.drafts == [Draft(.user(.listMade(Self.list)), secret: secret)])
    #expect(try user.state.list(Self.list) == PeopleList(titlePosition: Position(2)))
    #expect(user.refusal(of: Self.make(7)) == .conflict)
  }

  @Test func `members stand in the order of adding, each once, the owner if they like`() throws {
    var user = try Self.withList()
    for member in [carl, bert, anna] {
      #expect(try user.when(Self.add(member)) == [.listAdded(Self.list, member)])
    }
    #expect(try user.when(Self.add(bert)) == [])
    #expect(try user.state.list(Self.list).members == [carl, bert, anna])
    #expect(try user.when(Self.remove(carl)) == [.listRemoved(Self.list, carl)])
    #expect(try user.when(Self.remove(carl)) == [])
    #expect(try user.when(Self.add(carl)) == [.listAdded(Self.list, carl)])
    #expect(try user.state.list(Self.list).members == [bert, anna, carl])
  }

  @Test func `a dropped list is not there any more`() throws {
    var user = try Self.withList()
    try user.when(Self.add(bert))
    #expect(try user.when(.list(.drop(Self.list))) == [.listDropped(Self.list)])
    for command in [ListCommand.drop(Self.list), .add(Self.list, carl), .remove(Self.list, bert)] {
      #expect(user.refusal(of: .list(command)) == .notFound)
    }
    #expect(throws: Rejection.noSuchList) { try user.state.list(Self.list) }
    #expect(user.state.own.extras.isBlank)
  }

  @Test func `whom I block, or who blocks me, cannot be added`() throws {
    var user = try Self.withList()
    try user.when(.block(bert))
    user.given(.blocked(anna), of: carl)
    #expect(user.refusal(of: Self.add(bert)) == .denied)
    #expect(throws: Rejection.noSuchUser) {
      try user.state.decide(Self.add(carl), by: anna, at: user.now)
    }
    #expect(throws: Rejection.noSuchUser) {
      try user.state.decide(Self.remove(carl), by: anna, at: user.now)
    }
    #expect(try user.when(Self.remove(bert)) == [])
    try user.when(.unblock(bert))
    #expect(try user.when(Self.add(bert)).count == 1)
  }

  @Test func `a member who blocks me later can still be taken off`() throws {
    var user = try Self.withList()
    try user.when(Self.add(bert))
    user.given(.blocked(anna), of: bert)
    #expect(try user.when(Self.remove(bert)) == [.listRemoved(Self.list, bert)])
  }

  @Test(
    arguments: [
      (String(repeating: "ä", count: 100), nil), (String(repeating: "ä", count: 101), .invalid),
      ("x", nil), ("", .invalid), (" \n", .invalid),
    ] as [(String, Rejection.Code?)])
  func `a title has 1 to 100 characters and is not blank`(
    title: String, code: Rejection.Code?
  ) throws {
    var user = try Scenario<UserState>.signedUp(anna)
    if let code {
      #expect(user.refusal(of: Self.make(1, title)) == code)
    } else {
      #expect(try user.when(Self.make(1, title)).count == 1)
    }
  }

  @Test func `a list has a title and nothing else`() throws {
    let user = try Scenario<UserState>.signedUp(anna)
    let secret = Secret([.title: "t", .text: "x"])
    #expect(user.refusal(of: .list(.make(ListID(1), secret: secret))) == .invalid)
  }

  @Test func `a person has a hundred lists and no more`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    for id in 1...UInt64(UserState.listsMax) { try user.when(Self.make(id)) }
    #expect(user.refusal(of: Self.make(1_000)) == .denied)
    try user.when(.list(.drop(ListID(50))))
    #expect(try user.when(Self.make(1_000)).count == 1)
  }

  @Test func `a list has five hundred members and no more`() throws {
    var user = try Bounded()
    user.fold(.listMade(Self.list))
    for id in 1..<UInt64(UserState.listMembersMax) {
      user.fold(.listAdded(Self.list, UserID(1_000 + id)))
    }
    #expect(user.refusal(of: Self.add(bert)) == nil)
    user.fold(.listAdded(Self.list, bert))
    #expect(user.refusal(of: Self.add(carl)) == .denied)
    #expect(user.refusal(of: Self.add(bert)) == nil)
  }
}

/// A person to whom very much happens, without a replay after each step.
struct Bounded {
  private(set) var state = UserState(key: .user(anna))

  init() throws {
    fold(.signedUp(username: try #require(Username("anna")), fields: []))
  }

  mutating func fold(_ event: UserEvent) {
    let sequence = state.sequence + 1
    state.apply(
      Record(
        position: Position(sequence), time: Instant(ms: 1), actor: anna, entity: .user(anna),
        sequence: sequence, event: .user(event), hasSecret: true))
  }

  /// Nil if the command is not refused.
  func refusal(of command: UserCommand) -> Rejection.Code? {
    do throws(Rejection) {
      _ = try state.decide(command, by: anna, at: Instant(ms: 2))
      return nil
    } catch {
      return error.code
    }
  }
}
