import Domain
import Projections
import Testing

extension OracleTests {
  func checkDrafts(
    _ author: UserID, _ town: NaiveTown, _ cluster: Cluster, _ random: inout SplitMix,
    _ context: Comment
  ) async {
    let drafts = await pages(&random) { before, limit in
      cluster[.user(author)].drafts(of: author, before: before, limit: limit)
    }
    #expect(drafts == town.drafts(author), context)
  }

  /// As they are now, and as a page sees them that began earlier.
  func checkStories(
    _ town: NaiveTown, _ cluster: Cluster, at moment: Int64, _ random: inout SplitMix,
    _ context: Comment
  ) {
    let head = cluster.position.raw
    for asOf in [head, UInt64.random(in: (head - min(head - 1, 60))...head, using: &random)] {
      let tellers = cluster.shards.flatMap {
        $0.storyTellers(among: town.people, asOf: Position(asOf), at: Instant(ms: moment))
      }
      let lines = tellers.sorted { $0.pageKey > $1.pageKey }.map {
        NaiveTown.StoryLine(author: $0.author, key: $0.pageKey, stories: $0.stories)
      }
      #expect(lines == town.stories(asOf: asOf, at: moment), context)
    }
  }
}
