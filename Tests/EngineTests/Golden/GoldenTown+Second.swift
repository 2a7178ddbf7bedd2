import Domain
import Engine
import Entities
import Journal

/// What `v2` tells beyond `v1`: the rest of the social domain.
extension GoldenTown {
  /// Before the second snapshot.
  mutating func tellSecondPart(_ posts: [PostID]) throws {
    pass(ms: 600_000)
    try user("alice", .verify(true))
    try keep(posts)
    try gather()
    try tellStories(posts)
    try moderate(posts)
    try meetInGroup()
  }

  /// After it: erasure comes last.
  mutating func endSecondPart(_ posts: [PostID]) throws {
    pass(ms: 86_400_000)
    try user("dora", .keep(.unbookmark(posts[0])))
    let scheduled = PostID(engine.ids.next())
    let later = engine.clock.now.adding(ms: 3_600_000)
    try draft("carla", "Until tomorrow #town", scheduled, at: later)
    pass(ms: 3_600_000)
    _ = try engine.perform(
      .release(order: ShareID(engine.ids.next())), on: scheduled, by: .system)
    try user("erna", .erase)
  }

  /// Since `v4`: so much in one transaction that its blocks are packed.
  mutating func haveBusyHour(_ posts: [PostID]) throws {
    for round in 0..<20 {
      for name in ["carla", "dora"] {
        try post(name, round % 2 == 0 ? .like : .unlike, posts[0])
      }
      let facts = PostFacts(author: id("alice"), visibility: .public)
      try post(
        "alice", .publish(facts, secret: Secret([.text: "News of the minute \(round)"])),
        PostID(engine.ids.next()))
    }
    try engine.commit()
  }

  private mutating func keep(_ posts: [PostID]) throws {
    let town = Tag(folded: "town")
    try user("dora", .keep(.bookmark(posts[0])))
    try user("dora", .keep(.bookmark(posts[1])))
    try user("dora", .keep(.unbookmark(posts[1])))
    try user("alice", .keep(.pin(posts[0], gone: [])))
    try user("carla", .keep(.pin(posts[6], gone: [])))
    try user("carla", .keep(.unpin(posts[6])))
    try user("carla", .keep(.followTag(town)))
    try user("dora", .keep(.followTag(town)))
    try user("dora", .keep(.unfollowTag(town)))
    try engine.commit()
  }

  private mutating func gather() throws {
    let friends = ListID(engine.ids.next())
    let others = ListID(engine.ids.next())
    try user("dora", .list(.make(friends, secret: Secret([.title: "Friends 🦊"]))))
    try user("dora", .list(.make(others, secret: Secret([.title: "Others"]))))
    for name in ["alice", "carla"] { try user("dora", .list(.add(friends, id(name)))) }
    try user("dora", .list(.remove(friends, id("carla"))))
    try user("dora", .list(.drop(others)))
    try engine.commit()
  }

  private mutating func draft(
    _ author: String, _ text: String, _ post: PostID, at scheduled: Instant?
  ) throws {
    let facts = PostFacts(
      author: id(author), visibility: .public, tags: try TextScanner.scan(text).tags)
    try self.post(
      author, .draft(facts, scheduled: scheduled, secret: Secret([.text: text])), post)
  }

  private mutating func tellStories(_ posts: [PostID]) throws {
    let given = PostID(engine.ids.next())
    try draft("alice", "Never mind", given, at: nil)
    try post("alice", .delete, given)
    let kept = PostID(engine.ids.next())
    try draft("alice", "Almost ready", kept, at: nil)
    let base = engine.state.position
    try post(
      "alice",
      .edit(
        tags: [Tag(folded: "ready")], mentions: [], base: base,
        secret: Secret([.text: "Ready #ready"])), kept)
    try post("alice", .release(order: ShareID(engine.ids.next())), kept)
    let written = engine.state.entities.posts[kept]?.state.own.textPosition ?? .zero
    try post(
      "alice",
      .edit(
        tags: [Tag(folded: "steady")], mentions: [id("carla")], base: written,
        secret: Secret([.text: "@carla #steady", .warning: "haste"])), kept)
    let picture = MediaID(engine.ids.next())
    try user(
      "alice",
      .addMedia(
        picture, .image,
        secret: Secret([.link: "https://example.org/town.jpg", .alt: "The town at noon"])))
    let medium = MediaReference(id: picture, kind: .image, position: engine.state.position)
    let story = PostFacts(author: id("alice"), visibility: .public, media: [medium], isStory: true)
    let told = PostID(engine.ids.next())
    try post("alice", .publish(story, secret: Secret([.text: "Noon"])), told)
    for (name, emoji) in [("carla", "👍🏽"), ("dora", "❤️"), ("dora", "🎉")] {
      try post(name, .react(emoji), told)
    }
    try post("carla", .unreact, told)
    try post("dora", .view, told)
    try poll()
    try engine.commit()
  }

  private mutating func poll() throws {
    let poll = PollFacts(optionCount: 3, isMultiple: true, secondsOpen: 600)
    let facts = PostFacts(
      author: id("alice"), visibility: .public, poll: poll, hasLink: true)
    let asked = PostID(engine.ids.next())
    let secret = Secret([
      .text: "Where to?", .options: "The lake\nThe hill\nHome", .link: "https://example.org/map",
    ])
    try post("alice", .publish(facts, secret: secret), asked)
    try post("carla", .vote([0, 2]), asked)
    try post("dora", .vote([1]), asked)
    pass(ms: 600_000)
    _ = try engine.perform(.closePoll, on: asked, by: .system)
  }

  private mutating func moderate(_ posts: [PostID]) throws {
    let reports = [ReportID(engine.ids.next()), ReportID(engine.ids.next())]
    let reason = Secret([.text: "This is not so"])
    try user("dora", .report(.make(reports[0], id("bob"), posts[1], secret: reason)))
    try user("dora", .report(.make(reports[1], id("carla"), nil, secret: reason)))
    try user("dora", .report(.close(reports[1])))
    for (moderation, secret) in [
      (Moderation.underReview, nil), (.removed, reason), (.none, nil),
    ] as [(Moderation, Secret?)] {
      try post("alice", .moderate(moderation, secret: secret), posts[1])
    }
    try engine.commit()
  }

  private mutating func meetInGroup() throws {
    let group = ChatID(engine.ids.next())
    func act(_ name: String, _ command: ChatCommand) throws {
      pass(ms: 5_000)
      _ = try engine.perform(command, on: group, by: id(name))
    }
    try act(
      "alice",
      .open(isDirect: false, members: [id("alice"), id("carla")], secret: nil))
    try act("alice", .setTitle(Secret([.title: "Plans"])))
    try act("alice", .add(id("dora")))
    let slip = try say("carla", "A slip", in: group)
    try act("carla", .unsay(slip))
    try act("alice", .setRole(id("carla"), isAdmin: true))
    try act("carla", .remove(id("dora")))
    try act("alice", .leave)
    try act("carla", .setTitle(nil))
    try engine.commit()
  }
}
