package import Domain
internal import Journal
internal import Projections

/// What a hashtag's trend is made of as of a moment, and whether TRENDING has it in its list, which
/// shows the best of these.
///
/// The figures are those of the projection that serves, folded from the uses of the last week, from
/// what their authors' accounts were then, and from the reviews of the hashtag.
package struct WhyTrending {
  /// Contributions of the last hour that are printed; all are counted.
  package static let contributionsShownMax = 200

  private let evidence: Evidence
  private let tag: Tag
  /// The uses that may still count, in order.
  private let uses: [Record]
  private let reviews: [Record]

  package init(
    _ index: HistoryIndex, tag: Tag, at position: Position, _ moment: Instant
  ) throws {
    evidence = Evidence(index, at: position, moment)
    self.tag = tag
    let query = HistoryQuery(
      [[.entity(.tag(tag))]],
      from: try index.reader.position(at: moment.adding(ms: -Trending.keptMs - 1)).next,
      through: position)
    var uses: [Record] = []
    try index.forEachRecord(of: query) {
      if case .post = $0.record.event { uses.append($0.record) }
      return true
    }
    self.uses = uses
    reviews = try evidence.records([[.entity(.tag(tag))], [.type(.tagReviewed)]])
      .filter { EventType($0.event) == .tagReviewed }
  }

  package func explain() throws -> Explanation {
    let models = try models()
    let anatomy = models.trending.anatomy(of: tag, at: evidence.moment, people: models.people)
    // The posts of other hashtags are there too, as far as they use this one.
    let isListed = models.trending.topTags(at: evidence.moment, count: .max)
      .contains { $0.subject == tag }
    let score = anatomy.item.score
    let figures =
      "\(anatomy.item.now) accounts in the last hour, usually \(Self.rounded(anatomy.item.usual))"
    var reason: String
    var because: String
    if anatomy.isHidden {
      (reason, because) = ("reviewed", "it was kept from trending by a review")
    } else if isListed {
      (reason, because) = ("score", "its score is \(Self.rounded(score)): \(figures)")
    } else if anatomy.item.now == 0 {
      (reason, because) = ("unused", "nobody whose posts all can see used it in the last hour")
    } else {
      (reason, because) = ("usual", "it is not used more than usual: \(figures)")
    }
    var explanation = Explanation(
      question: "trending:#\(tag)", position: evidence.position, moment: evidence.moment,
      verdict: isListed, reason: reason,
      sentence: "#\(tag) \(isListed ? "is trending" : "is not trending"), because \(because)")
    explanation.steps = try reviews.suffix(1).map { try evidence.step($0) }
    explanation.details = try details(anatomy)
    return explanation
  }

  /// The trend by itself: what else was used at the time does not change its score, and the first
  /// event says since when there is anything usual.
  private func models() throws -> ReadModels {
    var positions = uses.map(\.position) + reviews.map(\.position)
    if evidence.position > .zero { positions += [Position(1), evidence.position] }
    var authors: Set<UserID> = []
    for record in uses {
      if case .post(let event) = record.event, let author = event.facts?.author {
        authors.insert(author)
      }
    }
    positions += try evidence.index.identities(of: authors, through: evidence.position)
    return try evidence.past.models(of: positions)
  }

  private func details(_ anatomy: TrendAnatomy) throws -> [(name: String, value: JSON)] {
    let now = anatomy.contributions.filter(\.isNow)
    let before = anatomy.contributions.filter { !$0.isNow && $0.isCounted }
    let positions = try usePositions()
    let shown = try now.suffix(Self.contributionsShownMax).map { use in
      JSON.object([
        ("at", positions[use.post].map { .string(CalendarTime.text($0.time)) } ?? .null),
        ("position", positions[use.post].map { .uint($0.position.raw) } ?? .null),
        ("by", .string(try evidence.name(use.account))), ("post", .string("\(use.post)")),
        ("weight", .int(use.isCounted ? 1 : 0)),
      ])
    }
    return [
      ("score", .decimal(Self.hundredths(anatomy.item.score))),
      ("accounts", .uint(UInt64(anatomy.item.now))),
      ("usual", .decimal(Self.hundredths(anatomy.item.usual))),
      ("window", Self.range(anatomy.now)), ("usual_window", Self.range(anatomy.usual)),
      ("usual_hours", .decimal(anatomy.usualHours)),
      ("usual_contributions", .int(Int64(before.count))),
      (
        "review",
        .string(
          reviews.isEmpty ? "never reviewed" : anatomy.isHidden ? "kept from trending" : "allowed")
      ),
      ("uses", .int(Int64(now.count))),
      (now.count > shown.count ? "newest_contributions" : "contributions", .array(shown)),
    ]
  }

  /// Where each post came to use the hashtag: its newest such event.
  private func usePositions() throws -> [PostID: Record] {
    var positions: [PostID: Record] = [:]
    for record in uses {
      guard case .post(let id) = record.entity, case .post(let event) = record.event else {
        continue
      }
      switch event {
      case .published, .released: positions[id] = record
      case .edited(_, let revision):
        if revision.addedTags.contains(tag) { positions[id] = record }
      case .moderated(_, let from, let to):
        if from.isHidden, !to.isHidden { positions[id] = record }
      case .deleted, .liked, .unliked, .shared, .unshared, .drafted, .redrafted, .discarded,
        .reacted, .unreacted, .voted, .pollClosed, .viewed:
        break
      }
    }
    return positions
  }

  private static func range(_ range: Range<Instant>) -> JSON {
    .string(
      "\(CalendarTime.text(range.lowerBound)) to \(CalendarTime.text(range.upperBound))")
  }

  private static func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }
  private static func rounded(_ value: Double) -> String { "\(hundredths(value))" }
}

extension PostEvent {
  /// Those that an event carries.
  fileprivate var facts: PostFacts? {
    switch self {
    case .published(let facts), .deleted(let facts), .drafted(let facts, _),
      .redrafted(let facts, _), .released(let facts), .edited(let facts, _),
      .moderated(let facts, _, _):
      facts
    case .liked, .unliked, .shared, .unshared, .discarded, .reacted, .unreacted, .voted,
      .pollClosed, .viewed:
      nil
    }
  }
}
