import Domain
import Foundation
import Projections
import Testing

/// What it costs to find the subscribed homes that an author's post belongs to. Small within the
/// tests; `ROOST_BENCHMARK=<homes> swift test -c release --filter HomeRouting` for figures.
struct HomeRoutingBenchmark {
  private static let homes = ProcessInfo.processInfo.environment["ROOST_BENCHMARK"].flatMap(
    Int.init)

  @Test func `homes of few followers are found among many subscribers, and the other way`() throws {
    let count = Self.homes ?? 300
    var models = ReadModels(shard: ShardIndex(0), of: 1)
    var position: UInt64 = 0
    func fold(_ event: UserEvent, by user: UserID) throws {
      position += 1
      try models.fold(
        Record(
          position: Position(position), time: Instant(ms: 1), actor: user, entity: .user(user),
          sequence: 1, event: .user(event), hasSecret: false))
    }
    let people = (1...count).map { UserID(UInt64($0) + 1_000) }
    let idol = UserID(10)
    let friend = UserID(11)
    for user in people { try fold(.followed(idol), by: user) }
    for user in people.prefix(10) { try fold(.followed(friend), by: user) }
    let tags = (Tag("everyones")!, Tag("fews")!)
    for user in people { try fold(.tagFollowed(tags.0), by: user) }
    for user in people.prefix(10) { try fold(.tagFollowed(tags.1), by: user) }
    for user in people.prefix(20).dropFirst(5) { try fold(.tagUnfollowed(tags.1), by: user) }
    try fold(.erased, by: people[0])
    let few = Set(people.prefix(3))
    let everybody = Set(people)
    #expect(models.followers(of: idol, among: few) == few.sorted())
    #expect(models.followers(of: idol, among: everybody) == people)
    #expect(models.followers(of: friend, among: everybody) == Array(people.prefix(10)))
    #expect(models.followers(of: friend, among: Set(people.suffix(3))) == [])
    #expect(models.followers(of: UserID(12), among: everybody) == [])
    #expect(models.followers(of: tags.0, among: few) == few.sorted().filter { $0 != people[0] })
    #expect(models.followers(of: tags.0, among: everybody) == Array(people.dropFirst()))
    #expect(models.followers(of: tags.1, among: everybody) == Array(people[1..<5]))
    #expect(models.followers(of: tags.1, among: Set(people.suffix(3))) == [])
    guard Self.homes != nil else { return }
    for (name, author, homes) in [
      ("few followers, many homes", friend, everybody), ("many of both", idol, everybody),
      ("many followers, few homes", idol, few),
    ] {
      let rounds = 200
      let start = clock()
      for _ in 0..<rounds { _ = models.followers(of: author, among: homes) }
      let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC) / Double(rounds)
      print("benchmark: \(name): \(seconds * 1_000_000) µs a post")
    }
  }
}
