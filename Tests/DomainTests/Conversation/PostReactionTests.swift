import Domain
import Testing

struct PostReactionTests {
  typealias Post = Scenario<PostState>

  @Test func `one reaction a person, and a new one takes the old one's place`() throws {
    var post = try Post.published()
    let first = try post.when(.react("🎉"), by: bert)
    #expect(first.events == [.post(.reacted("🎉", author: anna))])
    #expect(first.outcome == .count(1))
    #expect(try post.when(.react("🎉"), by: carl).outcome == .count(2))
    let again = try post.when(.react("🎉"), by: bert)
    #expect(again.events == [])
    #expect(again.outcome == .count(2))
    let other = try post.when(.react("😢"), by: bert)
    #expect(other.events == [.post(.reacted("😢", author: anna))])
    #expect(other.outcome == .count(2))
    let extras = post.state.own.extras.value
    #expect(extras.reactionCounts == ["🎉": 1, "😢": 1])
    #expect(extras.reactions[bert]?.payload == "😢")
  }

  @Test func `a reaction is taken back, and then there is none`() throws {
    var post = try Post.published()
    try post.when(.react("🎉"), by: bert)
    let back = try post.when(.unreact, by: bert)
    #expect(back.events == [.post(.unreacted(author: anna))])
    #expect(back.outcome == .count(0))
    #expect(post.state.own.extras.isBlank)
    let twice = try post.when(.unreact, by: bert)
    #expect(twice.events == [])
    #expect(twice.outcome == .count(0))
  }

  @Test func `authors may react to their own`() throws {
    var post = try Post.published()
    #expect(try post.when(.react("👍"), by: anna).outcome == .count(1))
  }

  static let emojis = [
    "😀", "❤️", "❤", "👍🏽", "👩🏿‍🚀", "🇨🇭",
    "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "#️⃣", "*️⃣", "©️", "®️", "™️", "☺️", "🫠", "⌚", "㊗️",
    "🏳️‍🌈",
  ]

  @Test(arguments: emojis)
  func `this is an emoji`(_ emoji: String) throws {
    var post = try Post.published()
    #expect(try post.when(.react(emoji), by: bert).outcome == .count(1))
    #expect(post.state.own.extras.value.reactionCounts == [emoji: 1])
  }

  static let others = [
    "", " ", "a", "1", "#", "*", "1\u{FE0F}", "1\u{20E3}", "©", "®", "é", "ß", "日", ":)",
    "😀😀", "😀 ", " 😀",
    "😀a", "a😀", "\u{FE0F}", "\u{200D}", "a\u{1F3FD}", "a\u{FE0F}", "1\u{1F3FD}\u{FE0F}",
    "\u{1F1E8}", "\u{1F1E8}\u{1F1ED}\u{1F1E8}\u{1F1ED}", "¿\u{FE0F}", "\n",
    "😀\u{301}", "☺\u{FE0E}", "\u{1F1E8}\u{FE0F}",
  ]

  @Test(arguments: others)
  func `this is none`(_ text: String) throws {
    #expect(try Post.published().refusal(of: .react(text), by: bert) == .invalid)
  }

  @Test func `an emoji has at most so many bytes`() throws {
    // A flag and the tags of its region, 4 bytes each.
    func flag(tags: Int) -> String {
      "🏴" + String(repeating: "\u{E0061}", count: tags - 1) + "\u{E007F}"
    }
    #expect(flag(tags: 15).utf8.count == TextRules.emojiBytesMax)
    var post = try Post.published()
    try post.when(.react(flag(tags: 15)), by: bert)
    #expect(post.refusal(of: .react(flag(tags: 16)), by: carl) == .invalid)
  }

  @Test func `a view counts each account once and never the author`() throws {
    var post = try Post.published()
    let first = try post.when(.view, by: bert)
    #expect(first.events == [.post(.viewed(author: anna))])
    #expect(first.outcome == .count(1))
    let again = try post.when(.view, by: bert)
    #expect(again.events == [])
    #expect(again.outcome == .count(0))
    let own = try post.when(.view, by: anna)
    #expect(own.events == [])
    #expect(own.outcome == .count(0))
    #expect(try post.when(.view, by: carl).outcome == .count(1))
    #expect(post.state.own.extras.value.viewers.count == 2)
  }

  @Test func `deletion takes reactions, votes and views with it`() throws {
    var post = try Post.poll()
    try post.when(.react("🎉"), by: bert)
    try post.when(.vote([1]), by: bert)
    try post.when(.view, by: bert)
    try post.when(.delete, by: anna)
    #expect(post.state.own.extras.isBlank)
  }

  @Test(arguments: [
    "http://e.org", "https://e.org/a?b#c", "HTTPS://E.ORG", "http://e.org:80", "https://日本.jp/",
    "https://e.org/" + String(repeating: "x", count: TextRules.linkBytesMax - 14),
  ])
  func `this is a link`(_ link: String) throws {
    let facts = PostFacts(author: anna, visibility: .public, hasLink: true)
    let post = try Post.published(facts, Secret([.text: "Look", .link: link]))
    #expect(post.state.facts?.hasLink == true)
  }

  @Test(arguments: [
    "", "e.org", "ftp://e.org", "http:/e.org", "http://", "https://", "https:///path", "http://?q",
    "https://#f", " http://e.org", "http://e.org ", "http://e.org/a b", "http://e.org/\u{7}",
    "http://e.org/\u{2028}", "javascript:alert(1)", "httpss://e.org",
    "https://e.org/" + String(repeating: "x", count: TextRules.linkBytesMax - 13),
  ])
  func `this is no link`(_ link: String) {
    let facts = PostFacts(author: anna, visibility: .public, hasLink: true)
    let post = Post(.post(Post.postID))
    let secret = Secret([.text: "Look", .link: link])
    #expect(post.refusal(of: .publish(facts, secret: secret), by: anna) == .invalid)
  }

  @Test func `a link and what the facts say of it agree`() {
    let post = Post(.post(Post.postID))
    var facts = PostFacts(author: anna, visibility: .public)
    let with = Secret([.text: "Look", .link: "https://e.org"])
    #expect(post.refusal(of: .publish(facts, secret: with), by: anna) == .invalid)
    facts.hasLink = true
    let without = Secret([.text: "Look"])
    #expect(post.refusal(of: .publish(facts, secret: without), by: anna) == .invalid)
  }
}
