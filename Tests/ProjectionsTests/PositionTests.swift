import Domain
import Projections
import Testing

struct PositionTests {
  @Test func `a record that is not the next one is refused and changes nothing`() throws {
    var play = Play(seed: 51, peopleCount: 6)
    for _ in 0..<50 { play.step() }
    var models = ReadModels(shard: ShardIndex(0), of: 1)
    for record in play.records.prefix(20) { try models.fold(record) }
    let digests = models.digests().map(\.digest)
    for index in [0, 19, 21, 30] {
      let record = play.records[index]
      let refusal = ProjectionError.outOfOrder(expected: Position(21), got: record.position)
      #expect(throws: refusal) { try models.fold(record) }
    }
    #expect(models.position == Position(20))
    #expect(models.digests().map(\.digest) == digests)
    #expect(models.skipped == 0)
    try models.fold(play.records[20])
    #expect(models.position == Position(21))
  }

  @Test func `a batch with a gap is folded up to the gap`() throws {
    var play = Play(seed: 53, peopleCount: 6)
    for _ in 0..<200 { play.step() }
    var records = play.records
    records.remove(at: 70)
    var models = ReadModels(shard: ShardIndex(0), of: 1)
    let refusal = ProjectionError.outOfOrder(expected: Position(71), got: Position(72))
    #expect(throws: refusal) { try models.fold(contentsOf: records) }
    #expect(models.position == Position(70))
    var singly = ReadModels(shard: ShardIndex(0), of: 1)
    for record in records.prefix(70) { try singly.fold(record) }
    #expect(models.digests().map(\.digest) == singly.digests().map(\.digest))
  }

  @Test func `the refusal names both positions`() {
    let error = ProjectionError.outOfOrder(expected: Position(7), got: Position(9))
    #expect(error.description == "the read models expected position 7 and got 9")
  }

  @Test func `all projections stand at the position of the whole`() throws {
    var play = Play(seed: 52, peopleCount: 6)
    for _ in 0..<50 { play.step() }
    var models = ReadModels(shard: ShardIndex(0), of: 1)
    for record in play.records { try models.fold(record) }
    let positions = [
      models.people.position, models.graph.position, models.timelines.position,
      models.home.position, models.tags.position, models.publicTimeline.position,
      models.inbox.position, models.trending.position, models.chats.position,
    ]
    #expect(positions == Array(repeating: models.position, count: 9))
  }
}
