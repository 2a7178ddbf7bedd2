package import Domain
internal import Entities
package import Journal
package import Projections

/// The state as of a moment of the past, and what there is to see in it.
package struct Replay {
  package let refold: Refold
  /// The moment that was asked for, or that of the last event.
  package let moment: Instant
  let reader: JournalReader

  package init(
    _ reader: JournalReader, through limit: Refold.Limit,
    limits: ProjectionLimits = ProjectionLimits(), report: ProgressReport? = nil
  ) throws {
    var refold = Refold(limits: limits)
    try refold.run(reader, through: limit, report: report)
    self.refold = refold
    self.reader = reader
    if case .time(let instant) = limit { moment = instant } else { moment = refold.time }
  }

  /// What there is to know about an entity, text included; nil if it is not there then.
  package func view(of address: EntityAddress) throws -> JSON? {
    let views = EntityViews(
      entities: refold.entities, models: refold.models, reader: reader)
    switch address {
    case .user(let name):
      let named = Username(name).flatMap { refold.models.people.id(of: $0) }
      guard let id = named ?? UserID(text: name) else { return nil }
      return try views.user(id)
    case .post(let id): return try views.post(id)
    case .chat(let id): return try views.chat(id)
    case .tag(let tag): return views.tag(tag)
    }
  }

  package struct Trend: Equatable, Sendable {
    /// `#tag`, or the identifier of a post.
    package var subject: String
    package var score: Double
    package var accounts: UInt32
    package var usual: Double
    /// Of a post: by whom, and what.
    package var author: String?
    package var text: String?

    package var json: JSON {
      .object(
        [
          ("subject", .string(subject)), ("score", .decimal((score * 100).rounded() / 100)),
          ("accounts", .uint(UInt64(accounts))),
          ("usual", .decimal((usual * 100).rounded() / 100)),
        ] + (author.map { [("author", JSON.string($0))] } ?? [])
          + (text.map { [("text", JSON.string($0))] } ?? []))
    }
  }

  /// At most `count` hashtags, best first.
  package func trendingTags(count: Int) -> [Trend] {
    refold.models.trending.topTags(at: moment, count: count).map { item in
      Trend(
        subject: "#\(item.subject)", score: item.score, accounts: item.now, usual: item.usual)
    }
  }

  /// At most `count` public posts, best first, with their text.
  package func trendingPosts(count: Int) throws -> [Trend] {
    let views = EntityViews(
      entities: refold.entities, models: refold.models, reader: reader)
    var trends: [Trend] = []
    for item in refold.models.trending.topPosts(at: moment, count: count * 4) {
      guard let post = refold.entities.posts[item.subject]?.state, let facts = post.facts,
        facts.visibility == .public, views.status(of: post, by: facts.author) == .published,
        trends.count < count
      else { continue }
      trends.append(
        Trend(
          subject: "\(item.subject)", score: item.score, accounts: item.now, usual: item.usual,
          author: views.name(facts.author),
          text: try views.text(.text, at: post.own.textPosition) ?? "(erased)"))
    }
    return trends
  }
}
