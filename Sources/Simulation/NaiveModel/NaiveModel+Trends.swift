import Domain
import Wire

extension NaiveModel {
  private struct Use {
    var time: Int64
    var account: UInt64
  }

  private struct Trend<Thing> {
    var thing: Thing
    var recent: Int
    var usual: Double
    var score: Double
  }

  private static let step: Int64 = 600_000
  private static let hour: Int64 = 3_600_000

  func trendingTags(at now: Int64) -> [Reply] {
    var uses: [String: [Use]] = [:]
    for id in postOrder {
      // Whoever is erased takes back what they added to hashtags.
      guard let post = posts[id], !isErased(post.author) else { continue }
      for use in post.tagUses {
        uses[use.tag, default: []].append(Use(time: use.time, account: post.author))
      }
    }
    let allowed = uses.filter { !denied.contains($0.key) }
    let trends = allowed.compactMap { trend($0.key, $0.value, now) }
    return best(trends).map { trend in
      .map([
        "tag": .text(trend.thing), "score": .double(trend.score), "accounts": .count(trend.recent),
        "usual": .double(trend.usual),
      ])
    }
  }

  func trendingPosts(at now: Int64, _ viewer: UInt64?) -> [Reply] {
    let trends = postOrder.compactMap { id -> Trend<UInt64>? in
      guard let post = posts[id], mayList(post, viewer, at: now) else { return nil }
      var uses = (post.likes + post.shares).map { Use(time: $0.time, account: $0.person) }
      for answer in post.answers.compactMap({ posts[$0] }) {
        if let time = answer.replyUse { uses.append(Use(time: time, account: answer.author)) }
      }
      return uses.isEmpty ? nil : trend(id, uses, now)
    }
    return best(trends).map { trend in
      .map([
        "score": .double(trend.score), "accounts": .count(trend.recent),
        "usual": .double(trend.usual),
        "post": posts[trend.thing].map { describe($0, viewer, at: now) } ?? .null,
      ])
    }
  }

  private func best<Thing: Comparable>(_ trends: [Trend<Thing>]) -> ArraySlice<Trend<Thing>> {
    trends.sorted { one, other in
      if one.score != other.score { return one.score > other.score }
      return one.recent != other.recent ? one.recent > other.recent : one.thing > other.thing
    }.prefix(50)
  }

  /// Distinct accounts in the running ten minutes and the five before, against the mean of the
  /// clock hours before, up to a week. Nil where there is nothing above the usual.
  private func trend<Thing>(_ thing: Thing, _ uses: [Use], _ now: Int64) -> Trend<Thing>? {
    let last = now / Self.step
    let first = last - 5
    let hour = first / 6
    let recent = Set(
      uses.filter { (first...last).contains($0.time / Self.step) }.map(\.account)
    ).count
    if recent == 0 { return nil }
    // As often as there are different accounts in an hour.
    let past = uses.filter { ((hour - 168)..<hour).contains($0.time / Self.hour) }
    let sum = Set(past.map { [UInt64($0.time / Self.hour), $0.account] }).count
    let age = hour - (firstTime ?? 0) / Self.hour
    let usual = Double(sum) / Double(min(168, max(1, age)))
    let score = (Double(recent) - usual) / (usual + 1).squareRoot()
    return score > 0
      ? Trend(thing: thing, recent: recent, usual: usual, score: score) : nil
  }
}
