import Domain

@testable import Projections
@testable import Server

extension FuzzTarget {
  /// Cursors of pages: what is given out comes back as it was; what comes back is what was given
  /// out, to the letter and for the same list; a changed letter or another list is refused.
  static let cursors = FuzzTarget(
    name: "cursors", bytesMax: 128,
    words: ["AAAAAAAS1ocAAAAAAAAAY8jpcpk", "-", "_", "=", "é"].map { Array($0.utf8) },
    seeds: {
      (0..<23 as Range<UInt8>).map { list in
        [list, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 18, 214, 135, 0, 0, 0, 0, 0, 0, 0, 99, 3, 65]
          + "AAAAAAAS1ocAAAAAAAAAY8jpcpk".utf8
      }
    },
    run: { input in
      var source = ByteSource(input)
      let list = pageList(&source)
      let cursor = Cursor(key: source.number(), asOf: Position(source.number()))
      let text = cursor.text(for: list)
      hold((try? Cursor(text: text, for: list)) == cursor, "\(cursor) comes back as another")
      checkChanged(Array(text.utf8), at: source.byte(), to: source.byte(), list)
      checkForeign(text, list, &source)
      let foreign = String(decoding: source.rest, as: UTF8.self)
      if let read = try? Cursor(text: foreign, for: list) {
        hold(read.text(for: list).utf8.elementsEqual(foreign.utf8), "\(foreign) is read as \(read)")
      }
    })

  /// Names of channels, with the position after which a subscriber goes on: what is read is named
  /// in one way, which is read as the same.
  static let channels = FuzzTarget(
    name: "channels", bytesMax: 256,
    words: [
      "home", "inbox", "chats", "public", "presence", "chat:", "tag:", "post:", "user:", "user:@",
      "@", "@18446744073709551615", "@0", "@+1", "#", "\u{301}", "ＨＩＧＧＳ",
    ].map { Array($0.utf8) },
    seeds: {
      [
        "home@4711", "inbox", "chats@0", "public@18446744073709551615", "presence", "chat:17@5",
        "tag:Higgs@5", "post:9223372036854775807", "user:@Anna@12", "user:anna",
      ].map { Array($0.utf8) }
    },
    run: { input in
      let text = String(decoding: input, as: UTF8.self)
      guard let name = ChannelName(text) else { return }
      guard let again = ChannelName(name.canonical) else {
        fatalError("\(name.canonical), as \(text) is named, is no channel")
      }
      hold(again.kind == name.kind && again.position == nil, "\(text) is read back as \(again)")
      hold(again.canonical.utf8.elementsEqual(name.canonical.utf8), "\(text) has two names")
      guard let position = name.position.flatMap({ UInt64($0) }) else { return }
      let resumed = ChannelName("\(name.canonical)@\(position)")
      hold(
        resumed?.kind == name.kind && resumed?.position.flatMap { UInt64($0) } == position,
        "\(text) is not resumed at \(position)")
    })
}

private func pageList(_ source: inout ByteSource) -> PageList {
  let kind = source.byte()
  let id: UInt64 = source.number()
  let user = UserID(id)
  return switch kind % 23 {
  case 0: .home(user)
  case 1: .timeline(user, includesReplies: true)
  case 2: .timeline(user, includesReplies: false)
  case 3: .tag(Tag(folded: "t\(id)"))
  case 4: .public
  case 5: .followers(user)
  case 6: .following(user)
  case 7: .requests(user)
  case 8: .blocks(user)
  case 9: .mutes(user)
  case 10: .inbox(user, unreadOnly: true)
  case 11: .inbox(user, unreadOnly: false)
  case 12: .chats(user)
  case 13: .history(ChatID(id))
  case 14: .thread(PostID(id))
  case 15: .likes(PostID(id))
  case 16: .shares(PostID(id))
  case 17: .drafts(user)
  case 18: .edits(PostID(id))
  case 19: .stories(user)
  case 20: .list(ListID(id))
  case 21: .bookmarks(user)
  default: .reports
  }
}

private func checkChanged(
  _ text: [UInt8], at place: UInt8, to letter: UInt8, _ list: PageList
) {
  let index = Int(place) % text.count
  guard text[index] != letter else { return }
  var changed = text
  changed[index] = letter
  let garbled = String(decoding: changed, as: UTF8.self)
  // A changed letter of key, position or checksum: the checksum has 32 bits, and so has a chance
  // of one in four thousand million to fit what it was not made for.
  hold((try? Cursor(text: garbled, for: list)) == nil, "\(garbled) is taken for a cursor")
}

private func checkForeign(_ text: String, _ list: PageList, _ source: inout ByteSource) {
  var other = ByteSource([source.byte()] + Array(repeating: 1, count: 8))
  let foreign = pageList(&other)
  guard foreign.identity != list.identity else { return }
  hold((try? Cursor(text: text, for: foreign)) == nil, "a cursor of \(list) is one of \(foreign)")
}
