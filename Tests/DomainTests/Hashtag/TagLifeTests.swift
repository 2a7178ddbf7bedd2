import Domain
import Testing

/// Uses of a hashtag by posts that are drafted, edited, hidden and told as stories.
struct TagLifeTests {
  static let higgs = TagTests.higgs

  static func tag() -> Scenario<TagState> { Scenario(.tag(higgs)) }

  @Test func `a draft is no use of a hashtag, and its publication is one in its own hour`() {
    var tag = Self.tag()
    let id = TagTests.post(hour: 5)
    var facts = TagTests.facts(anna)
    tag.given(.post(.drafted(facts, scheduled: nil)), by: anna, of: id)
    tag.given(.post(.redrafted(facts, scheduled: nil)), by: anna, of: id)
    #expect(tag.state == TagState(key: .tag(Self.higgs)))
    facts.order = ShareID((9 * TagTests.hourMs) << 22)
    tag.given(.post(.released(facts)), by: .system, of: id)
    #expect(tag.state.observed.hours == [TagHour(hour: 9, uses: 1)])
    #expect(tag.state.observed.accounts == [anna: 1])
    tag.given(.post(.deleted(facts)), by: anna, of: id)
    #expect(tag.state.observed.hours.isEmpty)
    #expect(tag.state.observed.uses == 0 && tag.state.accountCount == 0)
  }

  @Test func `an edit adds to and takes from the hour of the post, not its own`() {
    var tag = Self.tag()
    let id = TagTests.post(hour: 5)
    let with = TagTests.facts(anna)
    var without = with
    without.tags = []
    tag.given(.post(.published(without)), by: anna, of: id)
    tag.now = Instant(ms: 20 * Int64(TagTests.hourMs))
    tag.given(.post(.edited(with, PostRevision(from: without, to: with))), by: anna, of: id)
    #expect(tag.state.observed.hours == [TagHour(hour: 5, uses: 1)])
    #expect(tag.state.observed.lastUsed == tag.now)
    tag.given(.post(.edited(with, PostRevision(from: with, to: with))), by: anna, of: id)
    #expect(tag.state.observed.uses == 1)
    tag.given(.post(.edited(without, PostRevision(from: with, to: without))), by: anna, of: id)
    #expect(tag.state.observed.hours.isEmpty)
    #expect(tag.state.observed.accounts.isEmpty)
  }

  @Test func `what moderators hide does not count until they restore it`() {
    var tag = Self.tag()
    let id = TagTests.post(hour: 5)
    let facts = TagTests.facts(anna)
    tag.given(.post(.published(facts)), by: anna, of: id)
    let steps: [(Moderation, Moderation, Int)] = [
      (.none, .underReview, 0), (.underReview, .removed, 0), (.removed, .none, 1),
    ]
    for (from, to, uses) in steps {
      tag.given(.post(.moderated(facts, from: from, to: to)), by: dora, of: id)
      #expect(tag.state.observed.uses == uses)
      #expect(tag.state.accountCount == uses)
      #expect(tag.state.observed.hours.map(\.uses) == (uses == 0 ? [] : [1]))
    }
  }

  @Test func `stories do not count, whatever becomes of them`() {
    var tag = Self.tag()
    let id = TagTests.post(hour: 5)
    var story = TagTests.facts(anna)
    story.isStory = true
    var bare = story
    bare.tags = []
    for event: PostEvent in [
      .published(story), .released(story), .edited(story, PostRevision(from: bare, to: story)),
      .edited(bare, PostRevision(from: story, to: bare)),
      .moderated(story, from: .none, to: .removed), .moderated(story, from: .removed, to: .none),
      .deleted(story),
    ] {
      tag.given(.post(event), by: anna, of: id)
      #expect(tag.state == TagState(key: .tag(Self.higgs)))
    }
  }

  @Test func `reactions, votes and views are no use`() {
    var tag = Self.tag()
    for event: PostEvent in [
      .reacted("🎉", author: anna), .unreacted(author: anna), .voted([0], author: anna),
      .pollClosed(author: anna), .viewed(author: anna), .discarded,
    ] {
      tag.given(.post(event), by: bert, of: TagTests.post(hour: 5))
    }
    #expect(tag.state == TagState(key: .tag(Self.higgs)))
  }
}
