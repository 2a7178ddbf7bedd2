import Domain
import Testing

@testable import roost_bench

@Suite struct FollowPlanTests {
  /// By person, the people whom they follow.
  private func follows(_ plan: FollowPlan) -> [[Int]] {
    var plan = plan
    var ranks: [Int] = []
    return (0..<plan.people).map { person in
      plan.draw(person, into: &ranks)
      return ranks.map { Int(plan.byRank[$0]) }
    }
  }

  @Test(arguments: [(2, 2), (5, 20), (10, 0), (300, 13_800), (2_000, 40_001)])
  func `all follows are there, nobody follows themself or anybody twice`(
    people: Int, count: Int
  ) throws {
    let all = follows(try FollowPlan(people: people, follows: count, seed: 3))
    #expect(all.reduce(0) { $0 + $1.count } == count)
    for (person, followed) in all.enumerated() {
      #expect(!followed.contains(person) && Set(followed).count == followed.count)
    }
  }

  @Test func `the same seed gives the same follows, and another gives others`() throws {
    let first = follows(try FollowPlan(people: 200, follows: 4_000, seed: 1))
    #expect(follows(try FollowPlan(people: 200, follows: 4_000, seed: 1)) == first)
    #expect(follows(try FollowPlan(people: 200, follows: 4_000, seed: 2)) != first)
  }

  @Test func `the median follows twenty, and nearly all follow the most popular`() throws {
    let people = 4_000
    // 50 368 293 / 1 091 000, as published.
    let plan = try FollowPlan(people: people, follows: people * 50_368_293 / 1_091_000, seed: 1)
    #expect((19...21).contains(median(plan.following)))
    var counts = FollowerCounts(people: people)
    for (person, followed) in follows(plan).enumerated() {
      for other in followed { counts.follow(rank: Int(plan.ranks[other]), by: person) }
    }
    #expect(counts.counts[0] == counts.largest)
    #expect(Double(counts.largest) >= 0.95 * Double(people))
    // Heavy-tailed: half of everybody has less than half of the mean.
    #expect(median(counts.counts) < 46 / 2)
    for size in [100, 1_000] { #expect(!counts.ranks(near: size, max: 1).isEmpty) }
  }

  @Test func `nobody follows more than a person may`() throws {
    let max = UserState.followsMax
    #expect(FollowPlan.followingMax(max) == max - 1)
    #expect(FollowPlan.followingMax(max + 1) == max)
    #expect(FollowPlan.followingMax(max + 2) == max)
    _ = try FollowPlan(people: 4, follows: 12, seed: 1)
    #expect(throws: BenchError.self) { _ = try FollowPlan(people: 4, follows: 13, seed: 1) }
  }

  @Test func `the first, a middle and the last follower are kept`() {
    var counts = FollowerCounts(people: 100)
    for person in 10..<31 { counts.follow(rank: 4, by: person) }
    #expect(counts.counts[4] == 21)
    #expect(counts.first[4] == 10)
    #expect(counts.middle[4] == 25)
    #expect(counts.last[4] == 30)
    #expect(counts.ranks(near: 20, max: 3) == [4])
    #expect(counts.ranks(near: 40, max: 3).isEmpty)
  }
}
