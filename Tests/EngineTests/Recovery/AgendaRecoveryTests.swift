import Domain
import Engine
import Entities
import Journal
import Testing

/// What is due is done, whatever lies between the promise and its time.
struct AgendaRecoveryTests {
  static let author = UserID(10)
  static let text = Secret([.text: "Later"])

  /// A scheduled post, an open poll, a scheduled post that is given up, and a poll that is deleted.
  struct Promises {
    let scheduled, poll, discarded, deleted: PostID

    init(in town: Town) async throws {
      let ids = town.engine.shards[0].ids
      (scheduled, poll) = (PostID(ids.next()), PostID(ids.next()))
      (discarded, deleted) = (PostID(ids.next()), PostID(ids.next()))
      let later = town.clock.now.adding(ms: 60_000)
      let facts = PostFacts(author: AgendaRecoveryTests.author, visibility: .public)
      var question = facts
      question.poll = PollFacts(optionCount: 2, isMultiple: false, secondsOpen: 90)
      let options = Secret([.text: "Which?", .options: "yes\nno"])
      let asked = question
      for id in [scheduled, discarded] {
        try await town.perform(
          .draft(facts, scheduled: later, secret: AgendaRecoveryTests.text), on: id)
      }
      for id in [poll, deleted] { try await town.perform(.publish(asked, secret: options), on: id) }
    }
  }

  @Test(arguments: [false, true], [1, 4])
  func `what is due after a restart is on the agenda, from the journal and from a snapshot`(
    usesSnapshot: Bool, shards: Int
  ) async throws {
    let directory = TemporaryDirectory()
    var town = try await Town.open(directory.path)
    let promises = try await Promises(in: town)
    await town.settle()
    #expect(town.engine.agenda.count == 4)
    if usesSnapshot { _ = try await town.snapshot() }
    // After the snapshot, so that the tail takes back what it holds.
    for id in [promises.discarded, promises.deleted] { try await town.perform(.delete, on: id) }
    #expect(await town.engine.performDue() == 0)
    await town.close()

    town = try await Town.open(
      directory.path, shards: shards, at: Town.opening.adding(ms: 59_999),
      usingSnapshots: usesSnapshot)
    #expect(
      town.log.all.contains { $0.hasPrefix("starting from the snapshot") } == usesSnapshot)
    #expect(town.engine.agenda.count == 2)
    #expect(await town.engine.performDue() == 0)
    await town.close()

    town = try await Town.open(
      directory.path, shards: shards, at: Town.opening.adding(ms: 90_000),
      usingSnapshots: usesSnapshot)
    #expect(await town.engine.performDue() == 2)
    #expect(await town.engine.performDue() == 0)
    await town.settle()
    #expect(town.engine.agenda.count == 0)
    #expect(await town.read(promises.scheduled) { $0.status } == .published)
    #expect(await town.read(promises.poll) { $0.own.extras.value.isPollClosed } == true)
    #expect(await town.read(promises.discarded) { $0.status } == .deleted)
    await town.close()
  }

  @Test func `what is done stays done after a restart`() async throws {
    let directory = TemporaryDirectory()
    var town = try await Town.open(directory.path)
    let promises = try await Promises(in: town)
    await town.settle()
    town.clock.set(Town.opening.adding(ms: 90_000))
    #expect(await town.engine.performDue() == 4)
    await town.close()
    let published = Town.opening.adding(ms: 90_000)
    for usesSnapshot in [false, true] {
      town = try await Town.open(
        directory.path, at: Town.opening.adding(ms: 200_000), usingSnapshots: usesSnapshot)
      #expect(town.engine.agenda.count == 0)
      #expect(await town.engine.performDue() == 0)
      #expect(await town.read(promises.scheduled) { $0.own.publishedAt } == published)
      if !usesSnapshot { _ = try await town.snapshot() }
      await town.close()
    }
  }

  @Test func `a post that its author published before its time is not published again`()
    async throws
  {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    let promises = try await Promises(in: town)
    await town.settle()
    try await town.perform(.release(order: ShareID(5_000)), on: promises.scheduled)
    // Not folded yet, perhaps: then the post itself knows that there is nothing to do.
    town.clock.set(Town.opening.adding(ms: 60_000))
    #expect(await town.engine.performDue() == 1)
    #expect(await town.read(promises.scheduled) { $0.own.publishedAt } == Town.opening)
    #expect(await town.read(promises.discarded) { $0.status } == .published)
    await town.close()
  }

  @Test func `a poll in a scheduled post closes after it was published`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    let id = PostID(town.engine.shards[0].ids.next())
    let facts = PostFacts(
      author: Self.author, visibility: .public,
      poll: PollFacts(optionCount: 2, isMultiple: false, secondsOpen: 1))
    let secret = Secret([.text: "Which?", .options: "yes\nno"])
    let later = Town.opening.adding(ms: 60_000)
    try await town.perform(.draft(facts, scheduled: later, secret: secret), on: id)
    await town.settle()
    town.clock.set(Town.opening.adding(ms: 500_000))
    #expect(await town.engine.performDue() == 1)
    await town.settle()
    #expect(await town.engine.performDue() == 0)
    town.clock.set(Town.opening.adding(ms: 501_000))
    #expect(await town.engine.performDue() == 1)
    #expect(await town.read(id) { $0.own.extras.value.isPollClosed } == true)
    await town.close()
  }

  @Test func `so many are done at once, and the rest with the next call`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    let facts = PostFacts(author: Self.author, visibility: .public)
    let later = Town.opening.adding(ms: 60_000)
    for _ in 0...Engine.dueItemsMax {
      let id = PostID(town.engine.shards[0].ids.next())
      try await town.perform(.draft(facts, scheduled: later, secret: Self.text), on: id)
    }
    await town.settle()
    town.clock.set(later)
    #expect(await town.engine.performDue() == Engine.dueItemsMax)
    await town.settle()
    #expect(await town.engine.performDue() == 1)
    await town.close()
  }
}

extension Town {
  /// As the author of these tests, or of whatever they wrote.
  fileprivate func perform(_ command: PostCommand, on id: PostID) async throws {
    _ = try await engine.shard(of: .post(id)).directory.posts.findOrMake(id)
      .perform(command, by: AgendaRecoveryTests.author)
  }

  fileprivate func read<Value: Sendable>(
    _ id: PostID, _ body: @Sendable (PostState) -> Value
  ) async -> Value? {
    await engine.shard(of: .post(id)).directory.posts[id]?.read { body($0) }.value
  }
}
