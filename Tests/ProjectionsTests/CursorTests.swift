import Domain
import Projections
import Testing

struct CursorTests {
  static let lists: [PageList] = [
    .home(UserID(7)), .timeline(UserID(7), includesReplies: true),
    .timeline(UserID(7), includesReplies: false), .tag(Tag(folded: "higgs")), .public,
    .followers(UserID(7)), .following(UserID(7)), .requests(UserID(7)), .blocks(UserID(7)),
    .mutes(UserID(7)), .inbox(UserID(7), unreadOnly: true), .inbox(UserID(7), unreadOnly: false),
    .chats(UserID(7)), .history(ChatID(7)), .thread(PostID(7)), .likes(PostID(7)),
    .shares(PostID(7)), .home(UserID(8)),
  ]

  @Test func `a cursor comes back as it went out`() throws {
    var random = SplitMix(seed: 61)
    for list in Self.lists {
      for key in [0, 1, UInt64.max, random.next()] {
        let cursor = Cursor(key: key, asOf: Position(random.next()))
        #expect(try Cursor(text: cursor.text(for: list), for: list) == cursor)
      }
    }
  }

  @Test func `a cursor of another list is refused`() {
    for list in Self.lists {
      let text = Cursor(key: 1_234_567, asOf: Position(99)).text(for: list)
      for other in Self.lists where other != list {
        let refusal = Rejection(.invalid, "this cursor does not belong to this list")
        #expect(throws: refusal) { try Cursor(text: text, for: other) }
      }
    }
  }

  @Test func `a cursor with any one character changed is refused`() {
    let list = PageList.home(UserID(7))
    let text = Array(Cursor(key: 1_234_567, asOf: Position(99)).text(for: list))
    for index in text.indices {
      for character in "ABZaz09-_=+ é" where character != text[index] {
        var garbled = text
        garbled[index] = character
        #expect(throws: Rejection.self, "\(String(garbled))") {
          try Cursor(text: String(garbled), for: list)
        }
      }
    }
    for wrong in ["", "0", String(text.dropLast()), String(text) + "A"] {
      #expect(throws: Rejection.self) { try Cursor(text: wrong, for: list) }
    }
  }

  @Test func `the text of a cursor never changes`() {
    // Cursors stay valid: this one was given out by the first version.
    let text = Cursor(key: 1_234_567, asOf: Position(99)).text(for: .home(UserID(7)))
    #expect(text == "AAAAAAAS1ocAAAAAAAAAY8jpcpk")
  }
}
