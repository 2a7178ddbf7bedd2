import Domain
import Projections
import Testing

/// What becomes of posts, as it is told.
struct PostInboxTests {
  static let post = PostID(900)

  /// A post by the first of some people, who mentions the second.
  static func script(_ count: Int) -> (Script, [UserID], PostFacts) {
    var script = Script()
    let people = script.people(count)
    let facts = PostFacts(
      author: people[0], visibility: .public, mentions: [people[1]],
      poll: PollFacts(optionCount: 2, isMultiple: false, secondsOpen: 60))
    script.emit(.post(.published(facts)), by: people[0], .post(post))
    return (script, people, facts)
  }

  @Test func `to block the moderator takes back nothing and tells nothing`() {
    var (script, people, facts) = Self.script(3)
    script.emit(.post(.liked(author: people[0])), by: people[2], .post(Self.post))
    script.emit(
      .post(.moderated(facts, from: .none, to: .removed)), by: people[2], .post(Self.post))
    #expect(script.inbox(people[0]).map(\.kind) == [.moderation, .like])
    script.emit(.blocked(people[2]), by: people[0])
    let left = script.inbox(people[0])
    #expect(left.map(\.kind) == [.moderation])
    #expect(left.map(\.actors) == [[]])
    #expect(script.models.unread(of: people[0]) == 1)
  }

  @Test func `each decision on a post is told anew, and the old one with it no more`() {
    var (script, people, facts) = Self.script(3)
    var last: Moderation = .none
    for to in [Moderation.underReview, .removed, .none] {
      script.emit(.inboxRead(through: script.models.position), by: people[0])
      script.emit(.post(.moderated(facts, from: last, to: to)), by: people[2], .post(Self.post))
      #expect(script.inbox(people[0]).map(\.kind) == [.moderation])
      #expect(script.models.unread(of: people[0]) == 1)
      last = to
    }
    // The mention does not come back.
    #expect(script.inbox(people[1]) == [])
    facts.mentions = []
    script.emit(.post(.deleted(facts)), by: people[0], .post(Self.post))
    #expect(script.inbox(people[0]) == [])
  }

  @Test func `an edit tells whom it mentions anew, and is told to nobody else`() {
    var (script, people, facts) = Self.script(3)
    script.emit(.inboxRead(through: script.models.position), by: people[1])
    let old = facts
    facts.mentions = [people[2], people[1]]
    let both = facts
    script.emit(
      .post(.edited(both, PostRevision(from: old, to: both))), by: people[0], .post(Self.post))
    #expect(script.models.unread(of: people[1]) == 0)
    #expect(script.inbox(people[2]).map(\.kind) == [.mention])
    facts.mentions = []
    script.emit(
      .post(.edited(facts, PostRevision(from: both, to: facts))), by: people[0], .post(Self.post))
    #expect(script.inbox(people[1]) == [] && script.inbox(people[2]) == [])
  }

  @Test func `the end of a poll is told to author and voters, past mutes, until it is deleted`() {
    var (script, people, facts) = Self.script(4)
    let author = people[0]
    script.emit(.post(.voted([0], author: author)), by: people[2], .post(Self.post))
    script.emit(.muted(author), by: people[2])
    script.emit(.post(.pollClosed(author: author)), by: .system, .post(Self.post))
    for person in [author, people[2]] {
      let item = script.inbox(person).first
      #expect(item?.kind == .poll)
      #expect(item?.post == Self.post)
      #expect(item?.actors == [] && item?.count == 1)
    }
    #expect(script.inbox(people[3]) == [])
    facts.mentions = []
    script.emit(.post(.deleted(facts)), by: author, .post(Self.post))
    #expect(script.inbox(author) == [] && script.inbox(people[2]) == [])
  }

  @Test func `reactions of one post are one item, as likes are`() {
    var (script, people, _) = Self.script(4)
    let author = people[0]
    for person in people[1...] {
      script.emit(.post(.reacted("🎉", author: author)), by: person, .post(Self.post))
    }
    script.emit(.inboxRead(through: script.models.position), by: author)
    script.emit(.post(.unreacted(author: author)), by: people[3], .post(Self.post))
    script.emit(.post(.reacted("😢", author: author)), by: people[3], .post(Self.post))
    script.emit(.post(.reacted("😢", author: author)), by: people[2], .post(Self.post))
    let items = script.inbox(author)
    #expect(items.map(\.kind) == [.reaction])
    #expect(items.map(\.count) == [3])
    #expect(items.map(\.actors) == [[people[3], people[2], people[1]]])
    #expect(script.models.unread(of: author) == 0)
  }

  @Test func `a released draft is told by its author, whoever released it`() {
    var (script, people, facts) = Self.script(3)
    let draft = PostID(950)
    facts.mentions = [people[2]]
    script.emit(.post(.drafted(facts, scheduled: nil)), by: people[0], .post(draft))
    #expect(script.inbox(people[2]) == [])
    facts.order = ShareID(script.newID())
    script.emit(.post(.released(facts)), by: .system, .post(draft))
    #expect(script.inbox(people[2]).map(\.actors) == [[people[0]]])
  }

  @Test func `the random town has every event that a post can have`() {
    var play = Play(seed: 7, peopleCount: 12)
    for _ in 0..<1_500 { play.step() }
    var kinds: [String: Int] = [:]
    for record in play.records {
      guard case .post(let event) = record.event else { continue }
      kinds["\(event)".prefix { $0.isLetter }.description, default: 0] += 1
    }
    #expect(kinds.count == 17, "\(kinds)")
    #expect(kinds.values.allSatisfy { $0 >= 3 }, "\(kinds)")
  }
}
