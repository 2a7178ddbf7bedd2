import Domain
import Engine
import Journal
import Testing

/// What is folded from an entity's own history against what a fold of everything shows.
struct PastViewTests {
  @Test(arguments: [UInt64(81), 82])
  func `every entity looks as in a full fold, at any position`(seed: UInt64) async throws {
    let past = try await Past(seed: seed, steps: 320)
    let index = try past.index()
    var generator = SeededGenerator(seed: seed)
    var positions = (0..<4).map { _ in
      Position(UInt64.random(in: 1...past.head.raw, using: &generator))
    }
    positions += [Position(1), past.head]
    let entities = past.entities.sorted { $0.description < $1.description }
    var shown: [EntityKind: Int] = [:]
    for position in positions {
      let replay = try Replay(past.reader, through: .position(position))
      let view = PastView(index, at: position)
      for entity in entities {
        let expected = try replay.view(of: entity.address)?.text
        #expect(try view.view(of: entity.address)?.text == expected)
        if expected != nil { shown[EntityKind(of: entity), default: 0] += 1 }
      }
    }
    for kind in EntityKind.all { #expect(shown[kind, default: 0] > 8, "\(kind)") }
  }

  @Test func `a person is found by name from the sign-up on`() async throws {
    let past = try await Past(seed: 83, steps: 150)
    let index = try past.index()
    var signUps = 0
    for record in past.records {
      guard case .user(.signedUp(let name, _)) = record.event else { continue }
      signUps += 1
      #expect(try index.user(named: name.text, at: record.position) == record.actor)
      #expect(try index.user(named: name.text.uppercased(), at: past.head) == record.actor)
      #expect(
        try index.user(named: name.text, at: Position(record.position.raw - 1))
          == UserID(text: name.text))
      #expect(try index.user(named: "\(record.actor)", at: record.position) == record.actor)
    }
    #expect(signUps > 5)
    #expect(try index.user(named: "nobody", at: past.head) == nil)
  }

  @Test func `every kind of event has its sentence, with names and text`() async throws {
    let past = try await Past(seed: 84, steps: 600)
    let index = try past.index()
    let words = EventWords(past.reader, names: NameBook(index, at: past.head))
    var kinds: Set<EventType> = []
    for record in past.records {
      let line = try words.line(record)
      #expect(line.hasPrefix("\(CalendarTime.text(record.time))  \(record.position)  "))
      #expect(!line.contains("\n") && !line.contains("hash of"))
      kinds.insert(EventType(record.event))
    }
    #expect(kinds.count > 30, "\(EventType.allCases.filter { !kinds.contains($0) })")
  }
}
