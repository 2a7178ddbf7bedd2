import Domain
import Testing

struct PostEditTests {
  typealias Post = Scenario<PostState>
  static let (higgs, cern, lhc) = (
    Hashtag(folded: "higgs"), Hashtag(folded: "cern"), Hashtag(folded: "lhc")
  )

  @Test func `an edit says what it adds and what it takes away`() throws {
    let old = PostFacts(
      author: anna, visibility: .followers, tags: [Self.higgs, Self.cern], mentions: [bert, carl])
    var post = try Post.published(old)
    let secret = Secret([.text: "New #cern #lhc @carl @dora", .warning: "physics"])
    post.pass(ms: 5)
    let result = try post.when(
      .edit(
        tags: [Self.cern, Self.lhc], mentions: [carl, dora], base: Position(1), secret: secret),
      by: anna)
    var new = old
    new.tags = [Self.cern, Self.lhc]
    new.mentions = [carl, dora]
    let revision = PostRevision(
      addedTags: [Self.lhc], removedTags: [Self.higgs], addedMentions: [dora],
      removedMentions: [bert])
    #expect(result.drafts == [Draft(.post(.edited(new, revision)), secret: secret)])
    #expect(result.outcome == .ok)
    #expect(post.state.facts == new)
    #expect(post.state.status == .published)
    #expect(post.state.own.textPosition == Position(2))
  }

  @Test func `earlier texts are kept with the time from which on they held`() throws {
    var post = try Post.published()
    let first = post.now
    post.pass(ms: 100)
    try post.edit("Second")
    post.pass(ms: 100)
    try post.when(.like, by: bert)
    try post.edit("Third")
    let extras = post.state.own.extras.value
    #expect(
      extras.versions == [
        PostVersion(position: Position(1), time: first),
        PostVersion(position: Position(2), time: first.adding(ms: 100)),
      ])
    #expect(extras.editedAt == first.adding(ms: 200))
    #expect(post.state.own.textPosition == Position(4))
    #expect(post.state.own.publishedAt == first)
    #expect(post.state.own.likes.count == 1)
  }

  @Test func `what was a draft has versions from its publication on`() throws {
    var post = try Post.drafted()
    post.pass(ms: 100)
    try post.edit("Still a draft")
    post.pass(ms: 100)
    try post.when(.release(order: ShareID(5_000)), by: anna)
    let published = post.now
    post.pass(ms: 100)
    let result = try post.edit("No longer a draft")
    #expect(
      post.state.own.extras.value.versions == [
        PostVersion(position: Position(2), time: published)
      ])
    guard case .post(.edited(let facts, _)) = try #require(result.events.first) else {
      Issue.record("not edited: \(result.events)")
      return
    }
    #expect(facts.order == ShareID(5_000))
  }

  @Test func `a post can be edited a hundred times`() throws {
    var post = try Post.published()
    for number in 0..<PostState.editsMax { try post.edit("Text \(number)") }
    #expect(post.state.own.extras.value.versions.count == 100)
    let edit = PostCommand.edit(
      tags: [], mentions: [], base: post.state.own.textPosition,
      secret: Secret([.text: "Once more"]))
    #expect(post.refusal(of: edit, by: anna) == .denied)
  }

  @Test func `who read an older text is told to try again`() throws {
    for var post in [try Post.published(), try Post.drafted()] {
      try post.edit("Second")
      for base in [Position.zero, Position(1), Position(3)] {
        let edit = PostCommand.edit(
          tags: [], mentions: [], base: base, secret: Secret([.text: "Third"]))
        #expect(post.refusal(of: edit, by: anna) == .busy)
      }
    }
  }

  @Test func `only the author edits, and keeps the rules of a post`() throws {
    for post in [try Post.published(), try Post.drafted()] {
      let base = post.state.own.textPosition
      let words = Secret([.text: "Words"])
      func refusal(
        tags: [Hashtag] = [], mentions: [UserID] = [], _ secret: Secret, by actor: UserID = anna
      ) -> Rejection.Code? {
        post.refusal(
          of: .edit(tags: tags, mentions: mentions, base: base, secret: secret), by: actor)
      }
      #expect(refusal(words, by: bert) == .denied)
      #expect(refusal(words, by: .system) == .denied)
      #expect(refusal(Secret([.text: " "])) == .invalid)
      #expect(refusal(Secret([.text: "x", .options: "yes\nno"])) == .invalid)
      #expect(refusal(Secret([.text: "x", .link: "no link"])) == .invalid)
      let tags = (0...TextScanner.tagsMax).map { Hashtag(folded: "t\($0)") }
      #expect(refusal(tags: tags, words) == .invalid)
      let mentions = (0...TextScanner.mentionsMax).map { UserID(UInt64($0) + 100) }
      #expect(refusal(mentions: mentions, words) == .invalid)
    }
  }

  @Test func `a link comes and goes with the text, a poll stays`() throws {
    var post = try Post.published()
    let link = Secret([.text: "Look", .link: "https://cern.ch"])
    try post.when(
      .edit(tags: [], mentions: [], base: Position(1), secret: link), by: anna)
    #expect(post.state.facts?.hasLink == true)
    try post.edit("Nothing to see")
    #expect(post.state.facts?.hasLink == false)

    var poll = try Post.poll(options: 2)
    let without = PostCommand.edit(
      tags: [], mentions: [], base: Position(1), secret: Secret([.text: "No poll"]))
    #expect(poll.refusal(of: without, by: anna) == .invalid)
    try poll.when(
      .edit(tags: [], mentions: [], base: Position(1), secret: .poll(["yes", "no"])), by: anna)
    #expect(poll.state.facts?.poll?.optionCount == 2)
  }

  @Test func `what an edit changed is local to the posts, tags and people it names`() throws {
    var post = try Post.published(
      PostFacts(author: anna, visibility: .public, tags: [Self.higgs, Self.cern]))
    let result = try post.edit("x", tags: [Self.cern, Self.lhc], mentions: [bert])
    let record = Record(
      position: Position(2), time: post.now, actor: anna, entity: post.key, sequence: 2,
      event: try #require(result.events.first), hasSecret: true)
    var recipients: [EntityKey] = []
    forEachRecipient(of: record) { recipients.append($0) }
    #expect(recipients == [.tag(Self.lhc), .tag(Self.higgs)])
  }
}
