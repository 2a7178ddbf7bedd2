import Domain
import Testing

struct TagTests {
  static let higgs = Hashtag(folded: "higgs")
  static let hourMs: UInt64 = 3_600_000

  /// The id of a post of the given hour since 1970.
  static func post(hour: UInt64, _ number: UInt64 = 0) -> EntityKey {
    .post(PostID((hour * hourMs) << 22 | number))
  }

  static func facts(_ author: UserID) -> PostFacts {
    PostFacts(author: author, visibility: .public, tags: [higgs])
  }

  @Test func `uses count posts and accounts, and deletions take back`() {
    var tag = Scenario<TagState>(.tag(Self.higgs))
    tag.given(.post(.published(Self.facts(anna))), by: anna, of: Self.post(hour: 5, 1))
    tag.given(.post(.published(Self.facts(anna))), by: anna, of: Self.post(hour: 6, 2))
    tag.given(.post(.published(Self.facts(bert))), by: bert, of: Self.post(hour: 6, 3))
    #expect(tag.state.observed.uses == 3)
    #expect(tag.state.accountCount == 2)
    #expect(tag.state.uses(from: 5, through: 5) == 1)
    #expect(tag.state.uses(from: 5, through: 6) == 3)
    #expect(tag.state.uses(from: 6, through: 6) == 2)
    tag.given(.post(.deleted(Self.facts(anna))), by: anna, of: Self.post(hour: 5, 1))
    #expect(tag.state.observed.uses == 2)
    #expect(tag.state.accountCount == 2)
    #expect(tag.state.observed.hours.map(\.hour) == [6])
    tag.given(.post(.deleted(Self.facts(anna))), by: anna, of: Self.post(hour: 6, 2))
    #expect(tag.state.accountCount == 1)
    #expect(tag.state.observed.accounts == [bert: 1])
    #expect(tag.state.uses(from: 6, through: 6) == 1)
  }

  @Test func `hours are kept for seven days`() {
    var tag = Scenario<TagState>(.tag(Self.higgs))
    for hour in [1_000, 1_167, 1_168] as [UInt64] {
      tag.given(.post(.published(Self.facts(anna))), by: anna, of: Self.post(hour: hour))
      if hour == 1_167 { #expect(tag.state.observed.hours.map(\.hour) == [1_000, 1_167]) }
    }
    #expect(tag.state.observed.hours.map(\.hour) == [1_167, 1_168])
    tag.given(.post(.published(Self.facts(bert))), by: bert, of: Self.post(hour: 900))
    #expect(tag.state.observed.hours.map(\.hour) == [1_167, 1_168])
    #expect(tag.state.observed.uses == 4)
    tag.given(.post(.deleted(Self.facts(bert))), by: bert, of: Self.post(hour: 900))
    #expect(tag.state.observed.uses == 3)
    #expect(tag.state.accountCount == 1)
  }

  @Test func `a post of an earlier hour finds its place`() {
    var tag = Scenario<TagState>(.tag(Self.higgs))
    for hour in [50, 48, 49, 48] as [UInt64] {
      tag.given(.post(.published(Self.facts(anna))), by: anna, of: Self.post(hour: hour))
    }
    #expect(tag.state.observed.hours.map(\.hour) == [48, 49, 50])
    #expect(tag.state.observed.hours.map(\.uses) == [2, 1, 1])
  }

  @Test func `first and last use are moments that stay`() {
    var tag = Scenario<TagState>(.tag(Self.higgs))
    #expect(tag.state.observed.firstUsed == nil)
    let first = tag.now
    tag.given(.post(.published(Self.facts(anna))), by: anna, of: Self.post(hour: 5, 1))
    tag.now = first.adding(ms: 500)
    tag.given(.post(.published(Self.facts(anna))), by: anna, of: Self.post(hour: 5, 2))
    tag.given(.post(.deleted(Self.facts(anna))), by: anna, of: Self.post(hour: 5, 1))
    #expect(tag.state.observed.firstUsed == first)
    #expect(tag.state.observed.lastUsed == first.adding(ms: 500))
  }

  @Test func `likes and other hashtags mean nothing`() {
    var tag = Scenario<TagState>(.tag(Self.higgs))
    let other = PostFacts(author: anna, visibility: .public, tags: [Hashtag(folded: "cern")])
    tag.given(.post(.published(other)), by: anna, of: Self.post(hour: 5))
    tag.given(.post(.liked(author: anna)), by: bert, of: Self.post(hour: 5))
    #expect(tag.state == TagState(key: .tag(Self.higgs)))
  }

  @Test func `a review is remembered, and repeated without an event`() throws {
    var tag = Scenario<TagState>(.tag(Self.higgs))
    #expect(tag.state.own.trendingAllowed == nil)
    let result = try tag.when(.review(trendingAllowed: false), by: carl)
    #expect(result.events == [.tag(.reviewed(trendingAllowed: false))])
    #expect(tag.state.own.trendingAllowed == false)
    #expect(try tag.when(.review(trendingAllowed: false), by: carl).events == [])
    #expect(try tag.when(.review(trendingAllowed: true), by: carl).events.count == 1)
  }

  @Test func `followers are counted, those of other hashtags are not`() {
    var tag = Scenario<TagState>(.tag(Self.higgs))
    tag.given(.user(.tagFollowed(Self.higgs)), by: anna, of: .user(anna))
    tag.given(.user(.tagFollowed(Self.higgs)), by: bert, of: .user(bert))
    tag.given(.user(.tagFollowed(Hashtag(folded: "cern"))), by: bert, of: .user(bert))
    #expect(tag.state.observed.followers == 2)
    tag.given(.user(.tagUnfollowed(Self.higgs)), by: anna, of: .user(anna))
    tag.given(.user(.tagUnfollowed(Hashtag(folded: "cern"))), by: bert, of: .user(bert))
    #expect(tag.state.observed.followers == 1)
    #expect(tag.state.observed.uses == 0)
  }
}
