import Domain
import Entities
import Journal
import Projections
import Testing

@testable import Engine

struct BisectionTests {
  @Test func `a snapshot that is as it should be is found to be so`() async throws {
    let planted = try await Planted(seed: 41)
    let snapshot = try planted.write(try planted.right())
    #expect(try planted.bisect(snapshot).differences.isEmpty)
  }

  @Test(
    arguments: [
      .graph, .timelines, .home, .tags, .public, .inbox, .trending, .chats, .stories, .drafts,
      .reports,
    ] as [ProjectionName])
  func `an event that one projection passed over is named`(_ name: ProjectionName) async throws {
    let planted = try await Planted(seed: 42)
    let wrong = try #require(try planted.firstWrong(.lost, in: name, after: 40))
    let bisection = try planted.bisect(try planted.write(wrong.models))
    let finding = try #require(
      bisection.differences.first { $0.part == .projection(name) }?.findings.first)
    #expect(finding.verdict == .fault(.lost))
    // Where several events would have made no other difference, it is one of them.
    #expect(([finding.position] + finding.alike).contains(wrong.position))
    if finding.alike.isEmpty { #expect(bisection.first?.position == wrong.position) }
  }

  @Test func `an event that one projection took twice is named`() async throws {
    let planted = try await Planted(seed: 43)
    var tried: [ProjectionName] = []
    for name in ProjectionName.allCases where name != .people {
      guard let wrong = try planted.firstWrong(.twice, in: name, after: 100) else { continue }
      tried.append(name)
      let bisection = try planted.bisect(try planted.write(wrong.models))
      let finding = try #require(
        bisection.differences.first { $0.part == .projection(name) }?.findings.first)
      #expect(finding.verdict == .fault(.twice), "\(name)")
      #expect(([finding.position] + finding.alike).contains(wrong.position), "\(name)")
      if finding.alike.isEmpty { #expect(bisection.first?.position == wrong.position, "\(name)") }
    }
    #expect(!tried.isEmpty, "there are projections that a repetition changes")
  }

  @Test func `a value that no event made is named with the last event that changed the entry`()
    async throws
  {
    let planted = try await Planted(seed: 44)
    let records = try planted.records()
    let author = try #require(records.first { $0.event.isSignUp }?.entity)
    guard case .user(let id) = author else { return }
    // The last event that leaves its mark on this person.
    var state = Frozen<UserState>(blank: author)
    var last = Position.zero
    for record in records {
      let before = state.state
      if record.entity == author { try state.replay(record) }
      forEachRecipient(of: record) { if $0 == author { state.observe(record) } }
      if state.state != before { last = record.position }
    }
    let snapshot = try planted.write(try planted.right()) { entities in
      var wrong = try #require(entities.users[id])
      wrong.state.observed.posts += 1_000
      entities.adopt(wrong)
    }
    let bisection = try planted.bisect(snapshot)
    #expect(bisection.differences.map(\.part) == [.entities(.user)])
    #expect(bisection.first?.verdict == .never)
    #expect(bisection.first?.position == last)
  }

  @Test func `an entry of a projection that no event made is named the same way`() async throws {
    let planted = try await Planted(seed: 45)
    let records = try planted.records()
    // Everybody's name is in `people` from their first event on, and never changes.
    let signUp = try #require(records.last { $0.event.isSignUp })
    var models = ReadModels(shard: .first, of: 1)
    let imposter = Record(
      position: signUp.position, time: signUp.time, actor: signUp.actor, entity: signUp.entity,
      sequence: signUp.sequence,
      event: .user(.signedUp(username: try #require(Username("imposter")), fields: [])),
      hasSecret: signUp.hasSecret)
    for record in records {
      try models.fold(record.position == signUp.position ? imposter : record)
    }
    let bisection = try planted.bisect(try planted.write(models))
    #expect(bisection.differences.map(\.part) == [.projection(.people)])
    #expect(bisection.first?.verdict == .never)
    #expect(bisection.first?.position == signUp.position)
  }

  @Test func `an event that an entity passed over is named, and one that it took twice`()
    async throws
  {
    let planted = try await Planted(seed: 46)
    let records = try planted.records()
    for fault in FoldFault.allCases {
      // Somebody's post counts for its author.
      let publication = try #require(
        records.dropFirst(100).first {
          if case .post(.published(let facts)) = $0.event { facts.reply == nil } else { false }
        })
      let author = EntityKey.user(publication.actor)
      var state = Frozen<UserState>(blank: author)
      for record in records {
        if record.entity == author { try state.replay(record) }
        forEachRecipient(of: record) { key in
          guard key == author else { return }
          if record.position == publication.position {
            if fault == .twice {
              state.state.observe(record)
              state.state.observe(record)
            }
          } else {
            state.observe(record)
          }
        }
      }
      let wrong = state
      let snapshot = try planted.write(try planted.right()) { $0.adopt(wrong) }
      let bisection = try planted.bisect(snapshot)
      let finding = try #require(bisection.first)
      #expect(finding.verdict == .fault(fault))
      #expect(
        finding.position == publication.position || finding.alike.contains(publication.position))
    }
  }

  @Test func `an entry that is as it once was is named with the event that changed it`()
    async throws
  {
    let planted = try await Planted(seed: 48)
    let part = StatePart.projection(.public)
    // The last three events that changed the public timeline were lost: no single fault explains
    // that.
    var fold = FoldedEntries(of: [part])
    var changes: [Position] = []
    try planted.forEachRecord { record in
      let before = try fold.digest(of: part)
      try fold.fold([record])
      if try fold.digest(of: part) != before { changes.append(record.position) }
    }
    let lost = Set(changes.suffix(3))
    var models = ReadModels(shard: .first, of: 1)
    try planted.forEachRecord { record in
      if lost.contains(record.position) {
        try models.fold(record, with: .lost, in: .public)
      } else {
        try models.fold(record)
      }
    }
    let bisection = try planted.bisect(try planted.write(models))
    #expect(bisection.differences.map(\.part) == [part])
    #expect(bisection.first?.verdict == .stopped)
    #expect(bisection.first?.position == lost.min())
  }

  @Test func `the event after which two folds part is found`() async throws {
    let planted = try await Planted(seed: 47)
    let records = try planted.records()
    for parting in [1, 2, 77, records.count / 2, records.count] {
      var passes = 0
      let bisection = try FoldBisection(
        planted.reader, parts: [.projection(.people)]
      ) { positions in
        passes += 1
        #expect(positions.count <= FoldBisection.looksMax + 1)
        var fold = FoldedEntries(of: [.projection(.people)])
        return try positions.map { position in
          try fold.run(planted.reader, through: position)
          let right = try fold.digest(of: .projection(.people)).description
          return ["projections.people": position.raw < UInt64(parting) ? right : "other"]
        }
      }
      #expect(bisection.position == Position(UInt64(parting)))
      #expect(bisection.parts == ["projections.people"])
      #expect(passes <= 5)
    }
    let equal = try FoldBisection(planted.reader, parts: StatePart.all) { positions in
      positions.map { _ in [:] }
    }
    #expect(equal.position == nil && equal.end == Position(UInt64(records.count)))
  }
}

extension Planted {
  func right() throws -> ReadModels {
    var models = ReadModels(shard: .first, of: 1)
    try forEachRecord { try models.fold($0) }
    return models
  }
}

extension Event {
  fileprivate var isSignUp: Bool {
    if case .user(.signedUp) = self { true } else { false }
  }
}
