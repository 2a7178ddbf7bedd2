import Domain
import Wire

extension NaiveModel {
  private struct Use {
    var time: Int64
    var account: UInt64
  }

  private static let step: Int64 = 600_000
  private static let hour: Int64 = 3_600_000

  func trendingTags(at now: Int64) -> [Reply] {
    var tags: [String] = []
    for post in posts where post.trends { tags += post.tags.filter { !tags.contains($0) } }
    let scored = tags.compactMap { tag -> (String, now: Int, usual: Double, score: Double)? in
      let uses = posts.filter { $0.trends && !$0.isDeleted && $0.tags.contains(tag) }
      return score(uses.map { Use(time: $0.time, account: $0.author) }, now)
        .map { (tag, $0.now, $0.usual, $0.score) }
    }
    let sorted = scored.sorted { one, other in
      if one.score != other.score { return one.score > other.score }
      return one.now != other.now ? one.now > other.now : one.0 > other.0
    }
    return sorted.prefix(50).map { trend in
      .map([
        "tag": .text(trend.0), "score": .double(trend.score),
        "accounts": .integer(Int64(trend.now)), "usual": .double(trend.usual),
      ])
    }
  }

  func trendingPosts(at now: Int64, _ viewer: UInt64?) -> [Reply] {
    let scored = posts.compactMap { post -> (Post, now: Int, usual: Double, score: Double)? in
      guard maySee(post, viewer) else { return nil }
      var uses = (likes + shares).filter { $0.post == post.id }
        .map { Use(time: $0.time, account: $0.person) }
      uses += posts.filter { $0.parent == post.id && $0.trends && !$0.isDeleted }
        .map { Use(time: $0.time, account: $0.author) }
      return score(uses, now).map { (post, $0.now, $0.usual, $0.score) }
    }
    let sorted = scored.sorted { one, other in
      if one.score != other.score { return one.score > other.score }
      return one.now != other.now ? one.now > other.now : one.0.id > other.0.id
    }
    return sorted.prefix(50).map { trend in
      .map([
        "score": .double(trend.score), "accounts": .integer(Int64(trend.now)),
        "usual": .double(trend.usual), "post": describe(trend.0, viewer),
      ])
    }
  }

  /// Distinct accounts in the running ten minutes and the five before, against the mean of the
  /// clock hours before, up to a week. Nil where there is nothing above the usual.
  private func score(_ uses: [Use], _ now: Int64) -> (now: Int, usual: Double, score: Double)? {
    let last = now / Self.step
    let first = last - 5
    let hour = first / 6
    let recent = Set(
      uses.filter { (first...last).contains($0.time / Self.step) }.map(\.account)
    ).count
    // As often as there are different accounts in an hour.
    let past = uses.filter { ((hour - 168)..<hour).contains($0.time / Self.hour) }
    let sum = Set(past.map { [UInt64($0.time / Self.hour), $0.account] }).count
    let age = hour - (firstTime ?? 0) / Self.hour
    let usual = Double(sum) / Double(min(168, max(1, age)))
    let score = (Double(recent) - usual) / (usual + 1).squareRoot()
    return score > 0 ? (recent, usual, score) : nil
  }
}
