import Domain
import Projections
import Testing

/// Lists long enough for blocks to fill, split and empty, and for membership to be indexed.
struct LargeListTests {
  @Test func `a long tag timeline stays in order through late and deleted posts`() {
    var random = SplitMix(seed: 101)
    var script = Script()
    let author = script.signUp("author")
    let tag = Hashtag(folded: "long")
    var expected: Set<UInt64> = []
    let facts = PostFacts(author: author, visibility: .public, tags: [tag])
    for round in 0..<6_000 {
      if random.once(in: 3), let id = expected.randomElement(using: &random) {
        script.emit(.post(.deleted(facts)), by: author, .post(PostID(id)))
        expected.remove(id)
      } else {
        let newest = UInt64(round + 1) * 16
        let late = random.once(in: 2) ? UInt64.random(in: 0...newest, using: &random) : 0
        let id = newest - late + 1_000_000
        guard expected.insert(id).inserted else { continue }
        script.emit(.post(.published(facts)), by: author, .post(PostID(id)))
      }
      guard round % 300 == 0 else { continue }
      let sorted = expected.sorted(by: >)
      let page = script.models.tags.page(of: tag, limit: .max).map(\.post.raw)
      #expect(page == sorted, "round \(round)")
      let before = UInt64.random(in: 1_000_000...1_100_000, using: &random)
      #expect(
        script.models.timeline(of: author, includesReplies: true, before: before, limit: 50)
          .candidates.map(\.orderKey) == Array(sorted.filter { $0 < before }.prefix(50)),
        "round \(round)")
    }
    for id in expected { script.emit(.post(.deleted(facts)), by: author, .post(PostID(id))) }
    #expect(script.models.tags.page(of: tag, limit: 10) == [])
    #expect(script.models.publicTimeline.page(limit: 10) == [])
  }

  @Test func `answers under a followed hashtag are passed over, but not without end`() {
    var script = Script()
    let author = script.signUp("author")
    let other = script.signUp("other")
    let first = script.post(by: author, tags: ["flood"])
    for _ in 0..<100 { script.post(by: other, tags: ["flood"], reply: (first, author)) }
    let sources = HomeSources(authors: [], tags: [Hashtag(folded: "flood")])
    #expect(script.models.homeEntries(of: sources, limit: 10).map(\.post) == [first])
    for _ in 0..<10_000 { script.post(by: other, tags: ["flood"], reply: (first, author)) }
    var found: [PostID] = []
    var before = UInt64.max
    var pages = 0
    while let last = script.models.homeEntries(of: sources, before: before, limit: 10).last {
      pages += 1
      before = last.orderKey
      found.append(last.post)
    }
    #expect(pages > 1)
    #expect(found.last == first)
  }

  /// At the bound and one past it.
  @Test(arguments: [
    PageReader.candidatesScannedMax - 2, PageReader.candidatesScannedMax - 1,
  ])
  func `answers are passed over in a timeline without them, but not without end`(
    _ answers: Int
  ) async {
    var script = Script()
    let author = script.signUp("author")
    let other = script.signUp("other")
    let oldest = script.post(by: author)
    let answered = script.post(by: other)
    for _ in 0..<answers { script.post(by: author, reply: (answered, other)) }
    let newest = script.post(by: author)
    let models = script.models
    func page(before: UInt64) async -> Page<OutboxEntry> {
      await PageReader(count: 2).read(
        before: before,
        fetch: { models.timeline(of: author, includesReplies: false, before: $0, limit: $1) },
        admits: { $0.map { _ in true } })
    }
    let first = await page(before: .max)
    // The newest, the answers: and then there is room for one more, or not.
    if answers + 1 < PageReader.candidatesScannedMax {
      #expect(first.items.map(\.post) == [newest, oldest])
    } else {
      #expect(first.items.map(\.post) == [newest])
    }
    var found = first.items.map(\.post)
    var next = first.next
    while let before = next {
      let page = await page(before: before)
      found += page.items.map(\.post)
      next = page.next
    }
    #expect(found == [newest, oldest])
  }

  @Test func `a long list of followers keeps its order through endings`() {
    var random = SplitMix(seed: 102)
    var script = Script()
    let star = script.signUp("star")
    let people = script.people(2_500)
    var expected: [UserID] = []
    for round in 0..<5_000 {
      let person = people.randomElement(using: &random)!
      if let index = expected.firstIndex(of: person) {
        expected.remove(at: index)
        script.emit(.unfollowed(star), by: person)
      } else {
        expected.append(person)
        script.emit(.followed(star), by: person)
      }
      guard round % 500 == 0 else { continue }
      var found: [UserID] = []
      var before = UInt64.max
      while true {
        let page = script.models.page(.followers, of: star, before: before, limit: 37)
        found += page.map(\.item)
        guard let last = page.last else { break }
        before = last.pageKey
      }
      #expect(found == expected.reversed(), "round \(round)")
      #expect(script.models.followersCount(of: star) == expected.count)
    }
  }
}
