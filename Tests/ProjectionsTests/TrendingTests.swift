import Domain
import Projections
import Testing

struct TrendingTests {
  private func tags(_ script: Script, count: Int = 10) -> [String] {
    script.models.trending.topTags(at: Instant(ms: script.now), count: count).map(\.subject.text)
  }

  /// A week in which `coffee` is used by five people every hour.
  private func week() -> (Script, [UserID]) {
    var script = Script()
    let people = script.people(40)
    for _ in 0..<(24 * 7) {
      for person in people.prefix(5) { script.post(by: person, tags: ["coffee"]) }
      script.pass(minutes: 60)
    }
    return (script, people)
  }

  @Test func `a burst ranks before what is always much used`() {
    var (script, people) = week()
    for person in people.prefix(6) { script.post(by: person, tags: ["coffee"]) }
    for person in people.prefix(4) { script.post(by: person, tags: ["higgs"]) }
    #expect(tags(script) == ["higgs", "coffee"])
    let coffee = script.models.trending.topTags(at: Instant(ms: script.now), count: 2)[1]
    #expect(coffee.now == 6)
    #expect(coffee.usual == 5)
    #expect(abs(coffee.score - 1 / 6.0.squareRoot()) < 1e-12)
  }

  @Test func `what is used as usual does not trend`() {
    var (script, people) = week()
    for person in people.prefix(5) { script.post(by: person, tags: ["coffee"]) }
    #expect(tags(script) == [])
  }

  @Test func `one account counts once however often it posts`() {
    var script = Script()
    let people = script.people(3)
    for _ in 0..<50 { script.post(by: people[0], tags: ["spam"]) }
    for person in people.prefix(2) { script.post(by: person, tags: ["news"]) }
    #expect(tags(script) == ["news", "spam"])
  }

  @Test func `a deleted post no longer trends its tags`() {
    var script = Script()
    let people = script.people(3)
    let spam = people.map { script.post(by: $0, tags: ["spam"]) }
    script.post(by: people[0], tags: ["news"])
    #expect(tags(script) == ["spam", "news"])
    for (post, author) in zip(spam, people) {
      script.delete(post, by: author, tags: ["spam"])
    }
    #expect(tags(script) == ["news"])
  }

  @Test func `what an erased person posted no longer trends its tags, nor counts as usual`() throws
  {
    var script = Script()
    let people = script.people(3)
    for person in people { script.post(by: person, tags: ["news"]) }
    script.pass(minutes: 60)
    for person in people { script.post(by: person, tags: ["news"]) }
    for _ in 0..<2 { script.post(by: people[0], tags: ["diary"]) }
    script.emit(.erased, by: people[0])
    #expect(tags(script) == ["news"])
    let news = try #require(
      script.models.trending.topTags(at: Instant(ms: script.now), count: 1).first)
    #expect(news.now == 2)
    var without = Script()
    let others = without.people(3)
    for person in others.dropFirst() { without.post(by: person, tags: ["news"]) }
    without.pass(minutes: 60)
    for person in others.dropFirst() { without.post(by: person, tags: ["news"]) }
    let expected = without.models.trending.topTags(at: Instant(ms: without.now), count: 1).first
    #expect(news.usual == expected?.usual)
  }

  @Test func `a deleted post leaves the usual, too`() throws {
    var script = Script()
    let people = script.people(6)
    let old = script.post(by: people[0], tags: ["news"])
    script.pass(minutes: 180)
    for person in people { script.post(by: person, tags: ["news"]) }
    func usual() throws -> Double {
      try #require(script.models.trending.topTags(at: Instant(ms: script.now), count: 1).first)
        .usual
    }
    let before = try usual()
    #expect(before > 0)
    script.delete(old, by: people[0], tags: ["news"])
    #expect(try usual() == 0)
  }

  @Test func `likes shares and replies lift a post and fall with their withdrawal`() {
    var script = Script()
    let people = script.people(5)
    let (quiet, loud) = (script.post(by: people[0]), script.post(by: people[1]))
    func top() -> [PostID] {
      script.models.trending.topPosts(at: Instant(ms: script.now), count: 10).map(\.subject)
    }
    script.like(quiet, of: people[0], by: people[4])
    script.like(loud, of: people[1], by: people[2])
    let share = ShareID(script.newID())
    script.emit(.post(.shared(share, author: people[1])), by: people[3], .post(loud))
    let reply = script.post(by: people[4], reply: (loud, people[1]))
    #expect(top() == [loud, quiet])
    script.unlike(loud, of: people[1], by: people[2])
    script.emit(.post(.unshared(share, author: people[1])), by: people[3], .post(loud))
    #expect(Set(top()) == [loud, quiet])
    script.delete(reply, by: people[4], reply: (loud, people[1]))
    #expect(top() == [quiet])
    script.delete(quiet, by: people[0])
    #expect(top() == [])
  }

  @Test func `posts that are not public trend no tag, nor do those of private accounts`() {
    var script = Script()
    let people = script.people(2)
    script.emit(.profileChanged(isPrivate: true, messages: nil, fields: []), by: people[1])
    script.post(by: people[0], tags: ["secret"], visibility: .followers)
    script.post(by: people[1], tags: ["secret"])
    #expect(tags(script) == [])
  }

  @Test func `a reviewed tag is listed only while it is allowed`() {
    var script = Script()
    let people = script.people(1)
    let tag = Domain.Tag(folded: "news")
    script.post(by: people[0], tags: ["news"])
    script.emit(.tag(.reviewed(trendingAllowed: false)), by: .system, .tag(tag))
    #expect(tags(script) == [])
    script.emit(.tag(.reviewed(trendingAllowed: true)), by: .system, .tag(tag))
    #expect(tags(script) == ["news"])
  }

  @Test func `an hour later a burst is over, and after a week and two hours it is forgotten`() {
    var script = Script()
    let people = script.people(2)
    let entries = { (models: ReadModels) in
      var count = 0
      models.trending.forEachEntry { _, _ in count += 1 }
      return count
    }
    let empty = entries(script.models)
    script.post(by: people[0], tags: ["news"])
    #expect(entries(script.models) == empty + 1)
    script.pass(minutes: 70)
    #expect(tags(script) == [])
    script.pass(minutes: 60 * 24 * 7)
    script.emit(.passwordChanged, by: people[1])
    #expect(entries(script.models) == empty + 1)
    script.pass(minutes: 120)
    script.emit(.passwordChanged, by: people[1])
    #expect(entries(script.models) == empty)
  }
}
