import Domain
import Engine
import Entities
import Journal
import Testing

/// How much an explanation prints; what it says is about all of it.
struct WhyBoundTests {
  /// Two people on a fresh journal, one of whom does something so often.
  private func live(
    _ body: (Townspeople, _ one: UserID, _ other: UserID) async throws -> Void
  ) async throws -> (TemporaryDirectory, HistoryIndex, UserID, UserID) {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: 7)
    while people.users.count < 2 { await people.live(1, from: "p\(people.users.count)") }
    try await body(people, people.users[0], people.users[1])
    await town.close()
    let reader = try JournalReader(directory: directory.path)
    let index = try HistoryIndex(reader, directory: directory.path)
    return (directory, index, people.users[0], people.users[1])
  }

  private func publish(
    _ people: Townspeople, by author: UserID, tags: [Domain.Tag] = []
  ) async throws -> PostID {
    let id = PostID(people.town.engine.shards[0].ids.next())
    _ = try await people.entity(id).perform(
      .publish(
        PostFacts(author: author, visibility: .public, tags: tags),
        secret: Secret([.text: "words"])), by: author)
    return id
  }

  @Test(arguments: [0, 1])
  func `of the uses of a hashtag the newest are printed, and all are counted`(
    more: Int
  ) async throws {
    let count = WhyTrending.contributionsShownMax + more
    let tag = Domain.Tag(folded: "birds")
    let (directory, index, _, _) = try await live { people, one, other in
      for number in 0..<count {
        _ = try await publish(people, by: number == 0 ? other : one, tags: [tag])
      }
    }
    let moment = try #require(try index.reader.record(at: index.head)).time
    let explanation = try WhyTrending(index, tag: tag, at: index.head, moment).explain()
    #expect(explanation.verdict)
    let details = [String: JSON](
      uniqueKeysWithValues: explanation.details.map { ($0.name, $0.value) })
    #expect(details["accounts"]?.text == "2")
    #expect(details["uses"]?.text == "\(count)")
    guard case .array(let shown)? = details[more > 0 ? "newest_contributions" : "contributions"]
    else {
      Issue.record("the contributions are missing")
      return
    }
    #expect(shown.count == WhyTrending.contributionsShownMax)
    let counted = shown.filter { $0.text.contains(#""weight":1"#) }
    #expect(counted.count == 2 - more)
    withExtendedLifetime(directory) {}
  }

  @Test(arguments: [0, 1])
  func `of the events of an inbox the newest are printed, and all are folded`(
    more: Int
  ) async throws {
    // The publication, and then a like and its end by turns.
    let count = WhyInbox.eventsShownMax + more - 1
    var post: PostID?
    let (directory, index, author, _) = try await live { people, one, other in
      let id = try await publish(people, by: one)
      post = id
      for number in 0..<count {
        _ = try await people.entity(id).perform(number % 2 == 0 ? .like : .unlike, by: other)
      }
    }
    let id = try #require(post)
    let explanation = try WhyInbox(
      index, owner: author, about: .post(id), at: index.head, Instant(ms: 0)
    ).explain()
    #expect(explanation.steps.count == WhyInbox.eventsShownMax)
    #expect(explanation.verdict == (count % 2 == 1))
    let first = try #require(explanation.steps.first)
    #expect((EventType(first.record.event) == .postPublished) == (more == 0))
    #expect(explanation.steps[1 - more].meaning?.hasPrefix("tells ") == true)
    #expect(explanation.steps[3 - more].meaning == "listed again, tells nobody again")
    withExtendedLifetime(directory) {}
  }

  @Test func `names are the same when a book of them has begun anew`() async throws {
    let past = try await Past(seed: 85, steps: 120)
    let index = try past.index()
    let large = NameBook(index, at: past.head)
    let small = NameBook(index, at: past.head, namesMax: 2)
    for record in past.records {
      #expect(try small.name(record.actor) == large.name(record.actor))
      #expect(small.count <= 2)
    }
    #expect(large.count > 3)
  }

  @Test func `at most four names are suggested`() {
    let counts = EventType.allCases.map { EventType.names(near: $0.name).count }
    #expect(counts.max() == EventType.nearMax)
    #expect(counts.min() ?? 0 >= 1)
  }
}
