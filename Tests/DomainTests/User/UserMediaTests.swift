import Domain
import Testing

struct UserMediaTests {
  static func add(
    _ id: UInt64, _ link: String = "https://example.org/a.png", alt: String? = nil,
    kind: MediaKind = .image
  ) -> UserCommand {
    var fields: [Secret.Field: String] = [.link: link]
    fields[.alt] = alt
    return .addMedia(MediaID(id), kind, secret: Secret(fields))
  }

  @Test func `who added media names them by their ids`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    let result = try user.when(Self.add(7, alt: "A bird"), by: anna)
    let secret = Secret([.link: "https://example.org/a.png", .alt: "A bird"])
    #expect(result.drafts == [Draft(.user(.mediaAdded(MediaID(7), .image)), secret: secret)])
    #expect(result.outcome == .id(7))
    try user.when(Self.add(9, kind: .video))
    let references = try user.state.references(to: [MediaID(9), MediaID(7)])
    #expect(
      references == [
        MediaReference(id: MediaID(9), kind: .video, position: Position(3)),
        MediaReference(id: MediaID(7), kind: .image, position: Position(2)),
      ])
    #expect(throws: Rejection.noSuchMedia) {
      try user.state.references(to: [MediaID(7), MediaID(8)])
    }
    #expect(user.refusal(of: Self.add(7)) == .conflict)
  }

  static func link(bytes: Int) -> String {
    "https://e.org/" + String(repeating: "x", count: bytes - 14)
  }

  @Test(
    arguments: [
      (Self.link(bytes: 2_048), nil, nil), (Self.link(bytes: 2_049), nil, .invalid),
      ("HTTP://e", nil, nil), ("http://", nil, .invalid), ("https:///path", nil, .invalid),
      ("http://?q", nil, .invalid), ("ftp://e.org", nil, .invalid), ("", nil, .invalid),
      ("javascript:alert(1)", nil, .invalid), ("http://e.org/a b", nil, .invalid),
      ("http://e.org/a\u{7}", nil, .invalid), ("https:e.org", nil, .invalid),
      ("http://e", String(repeating: "ä", count: 1_000), nil),
      ("http://e", String(repeating: "ä", count: 1_001), .invalid),
    ] as [(String, String?, Rejection.Code?)])
  func `links and alt texts keep their bounds`(
    link: String, alt: String?, code: Rejection.Code?
  ) throws {
    var user = try Scenario<UserState>.signedUp(anna)
    if let code {
      #expect(user.refusal(of: Self.add(1, link, alt: alt)) == code)
    } else {
      #expect(try user.when(Self.add(1, link, alt: alt)).count == 1)
    }
  }

  @Test(arguments: [Secret([.alt: "no link"]), Secret([.link: "http://e", .text: "foreign"])])
  func `a medium is a link and perhaps an alt text`(secret: Secret) throws {
    let user = try Scenario<UserState>.signedUp(anna)
    #expect(user.refusal(of: .addMedia(MediaID(1), .image, secret: secret)) == .invalid)
  }

  @Test func `a person adds a hundred thousand media and no more`() throws {
    var state = UserState(key: .user(anna))
    var sequence: UInt64 = 0
    func fold(_ event: UserEvent) {
      sequence += 1
      state.apply(
        Record(
          position: Position(sequence), time: Instant(ms: 1), actor: anna, entity: .user(anna),
          sequence: sequence, event: .user(event), hasSecret: true))
    }
    fold(.signedUp(username: try #require(Username("anna")), fields: []))
    for id in 1..<UInt64(UserState.mediaMax) { fold(.mediaAdded(MediaID(id), .image)) }
    let now = Instant(ms: 2)
    let last = Self.add(UInt64(UserState.mediaMax))
    #expect(try state.decide(last, by: anna, at: now).drafts.count == 1)
    fold(.mediaAdded(MediaID(UInt64(UserState.mediaMax)), .image))
    let refused = #expect(throws: Rejection.self) {
      try state.decide(Self.add(200_000), by: anna, at: now)
    }
    #expect(refused?.code == .denied)
  }

  @Test(arguments: [(10, 10, false), (11, 11, true), (2, 1, true)])
  func `one post or message has ten media, each once`(
    count: Int, distinct: Int, isRefused: Bool
  ) {
    let media = (0..<count).map {
      MediaReference(
        id: MediaID(UInt64(1 + $0 % distinct)), kind: .image, position: Position(1))
    }
    let refusal = Result { try validateMedia(media) }
    #expect((try? refusal.get()) == nil ? isRefused : !isRefused)
  }
}
