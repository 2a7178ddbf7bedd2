import Domain
import Engine
import Journal
import Projections
import Testing
import Wire

@testable import Simulation

/// The verdicts against the naive model of the simulation, which knows none of our rules.
struct WhyTests {
  /// The model at some random positions, in order.
  private func walk(
    _ past: Past, seed: UInt64, moments: Int,
    _ body: (inout SeededGenerator, NaiveModel, Position, Instant) throws -> Void
  ) throws {
    var generator = SeededGenerator(seed: seed)
    let chosen = (0..<moments).map { _ in
      Int.random(in: past.records.count / 5..<past.records.count, using: &generator)
    }
    var model = NaiveModel()
    for (index, record) in past.records.enumerated() {
      var secret: Secret?
      if case .text(let text) = try past.reader.secret(at: record.position) { secret = text }
      model.fold(record, secret)
      if chosen.contains(index) { try body(&generator, model, record.position, record.time) }
    }
  }

  @Test(arguments: [UInt64(91), 92])
  func `a home has a post exactly when why says so`(seed: UInt64) async throws {
    let past = try await Past(seed: seed, steps: 350)
    let index = try past.index()
    var reasons: [String: Int] = [:]
    try walk(past, seed: seed, moments: 20) { generator, model, position, moment in
      let people = Array(model.people.keys).sorted().prefix(8)
      for _ in 0..<10 {
        guard let viewer = people.randomElement(using: &generator),
          let post = model.postOrder.randomElement(using: &generator)
        else { continue }
        // Some while after the event, for stories: without events nothing else changes.
        let now = moment.adding(ms: Int64.random(in: 0...100_000_000, using: &generator))
        // Whoever is erased is answered GONE, whatever is there.
        let isErased = model.isErased(viewer)
        let home =
          isErased ? [] : model.home(viewer, at: now.ms).compactMap { $0["id"]?.textValue }
        let explanation = try WhyHome(
          index, viewer: UserID(viewer), post: PostID(post), at: position, now
        ).explain()
        #expect(
          explanation.verdict == home.contains("\(post)"),
          "\(explanation.lines.joined(separator: "\n"))")
        #expect((explanation.reason == "viewer_erased") == isErased)
        #expect(explanation.steps.allSatisfy { $0.record.position <= position })
        reasons[explanation.reason, default: 0] += 1
      }
    }
    #expect(reasons.count >= 5, "\(reasons)")
  }

  @Test(arguments: [UInt64(94), 95])
  func `an inbox tells of a post or a person exactly when why says so`(seed: UInt64) async throws {
    let past = try await Past(seed: seed, steps: 350)
    let index = try past.index()
    var verdicts = [0, 0]
    try walk(past, seed: seed, moments: 10) { generator, model, position, moment in
      let people = Array(model.people.keys).sorted().prefix(8)
      for _ in 0..<8 {
        guard let owner = people.randomElement(using: &generator),
          let post = model.postOrder.randomElement(using: &generator),
          let other = people.randomElement(using: &generator), other != owner
        else { continue }
        let isErased = model.isErased(owner)
        let inbox = isErased ? [] : model.inbox(owner)
        let aboutPost = try WhyInbox(
          index, owner: UserID(owner), about: .post(PostID(post)), at: position, moment
        ).explain()
        let items = inbox.filter { $0["post"]?.textValue == "\(post)" }
        #expect(
          aboutPost.verdict == !items.isEmpty, "\(aboutPost.lines.joined(separator: "\n"))")
        let unread = items.contains { $0["read"] == .integer(0) }
        if !items.isEmpty { #expect((aboutPost.reason == "unread") == unread) }
        let byPerson = try WhyInbox(
          index, owner: UserID(owner), about: .person(UserID(other)), at: position, moment
        ).explain()
        let causes = (isErased ? [] : model.causes[owner] ?? []).filter {
          $0.actor == other && $0.isActive && $0.kind != "poll" && $0.kind != "moderation"
        }
        #expect(
          byPerson.verdict == !causes.isEmpty, "\(byPerson.lines.joined(separator: "\n"))")
        verdicts[aboutPost.verdict ? 1 : 0] += 1
        verdicts[byPerson.verdict ? 1 : 0] += 1
      }
    }
    #expect(verdicts.min() ?? 0 > 8, "\(verdicts)")
  }

  @Test(arguments: [UInt64(96), 97])
  func `a trend's score is what TRENDING gives, and its contributions add up`(
    seed: UInt64
  ) async throws {
    let past = try await Past(seed: seed, steps: 350)
    let index = try past.index()
    var trending = 0
    try walk(past, seed: seed, moments: 8) { generator, model, position, moment in
      let now = moment.adding(ms: Int64.random(in: 0...3_000_000, using: &generator))
      let live = model.trendingTags(at: now.ms)
      let full = try Replay(past.reader, through: .position(position)).refold.models
      for number in 0..<5 {
        let tag = Tag(folded: "tag\(number)")
        let explanation = try WhyTrending(index, tag: tag, at: position, now).explain()
        let listed = live.first { $0["tag"]?.textValue == tag.text }
        #expect(explanation.verdict == (listed != nil))
        #expect(
          full.trending.topTags(at: now, count: 10).contains { $0.subject == tag }
            == explanation.verdict)
        let details = Dictionary(
          uniqueKeysWithValues: explanation.details.map { ($0.name, $0.value.text) })
        let whole = full.trending.anatomy(of: tag, at: now, people: full.people)
        #expect(details["accounts"] == "\(whole.item.now)")
        #expect(details["score"] == "\((whole.item.score * 100).rounded() / 100)")
        #expect(details["usual"] == "\((whole.item.usual * 100).rounded() / 100)")
        #expect(
          whole.contributions.count { $0.isNow && $0.isCounted } == Int(whole.item.now))
        if let listed { #expect(listed["accounts"] == .integer(Int64(whole.item.now))) }
        trending += explanation.verdict ? 1 : 0
      }
    }
    #expect(trending > 0)
  }
}
