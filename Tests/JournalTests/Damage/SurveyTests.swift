import Domain
import Journal
import Testing

/// Three blocks of three events.
private func journal() throws -> MemoryJournal {
  let memory = try MemoryJournal()
  for block in 0..<3 as Range<UInt64> {
    for number in 1...3 as ClosedRange<UInt64> {
      _ = try memory.journal.enqueue(.follow(bob, by: UserID(200 + 3 * block + number)))
    }
    _ = try memory.journal.commitQueued()
  }
  return memory
}

private func reader(_ memory: MemoryJournal) -> JournalReader {
  JournalReader(disk: memory.disk, keys: memory.keys)
}

@Suite struct SurveyTests {
  @Test func `all of a sound block can be read`() throws {
    let survey = try #require(try DamageSurvey(reader(try journal()), at: Position(5)))
    #expect(survey.extent == Position(4)...Position(6))
    #expect(survey.records.map(\.actor.raw) == [204, 205, 206])
    #expect(survey.unreadable == [])
  }

  @Test func `an event whose checksum does not fit is told from the others`() throws {
    let memory = try journal()
    memory.disk.damageBlock(1) { block in block[block.count / 2] ^= 1 }
    let survey = try #require(try DamageSurvey(reader(memory), at: Position(4)))
    #expect(survey.extent == Position(4)...Position(6))
    #expect(survey.unreadable.count == 1 && survey.records.count == 2)
    #expect(Set(survey.records.map(\.position) + survey.unreadable).count == 3)
  }

  @Test func `of a packed block nothing can be read once its open part is damaged`() throws {
    let memory = try journal()
    for number in 0..<100 as Range<UInt64> {
      _ = try memory.journal.enqueue(.follow(bob, by: UserID(1 << 52 + number)))
    }
    _ = try memory.journal.commitQueued()
    let whole = try #require(try DamageSurvey(reader(memory), at: Position(50)))
    #expect(whole.extent == Position(10)...Position(109))
    #expect(whole.records.count == 100 && whole.unreadable == [])
    memory.disk.damageBlock(3) { block in block[block.count / 2] ^= 1 }
    let survey = try #require(try DamageSurvey(reader(memory), at: Position(50)))
    #expect(survey.extent == whole.extent)
    #expect(survey.records.isEmpty && survey.unreadable.count == 100)
  }

  @Test func `a block whose head cannot be read has the extent up to the next`() throws {
    let memory = try journal()
    memory.disk.damageBlock(1) { $0[0] = 0 }
    let survey = try #require(try DamageSurvey(reader(memory), at: Position(4)))
    #expect(survey.extent == Position(4)...Position(6))
    #expect(survey.unreadable.map(\.raw) == [4, 5, 6] && survey.records.isEmpty)
  }

  @Test func `there is nothing to see beyond the end`() throws {
    #expect(try DamageSurvey(reader(try journal()), at: Position(10)) == nil)
  }

  @Test func `a text that another key sealed is found where texts are unsealed`() throws {
    let keys = MemoryKeyStore()
    let memory = try MemoryJournal(keys: keys)
    _ = try memory.journal.enqueue(.post(1))
    _ = try memory.journal.enqueue(.post(2, by: bob))
    _ = try memory.journal.commitQueued()
    #expect(try JournalVerifier(memory.journal).report(unsealing: true).findings == [])
    let others = MemoryKeyStore()
    others.add([(alice, Array(repeating: 7, count: 32))])
    let exchanged = JournalVerifier(JournalReader(disk: memory.disk, keys: others))
    #expect(try exchanged.report(unsealing: false).findings == [])
    #expect(
      try exchanged.report(unsealing: true).findings.map(\.description) == [
        "the key store is damaged at position 1: its text cannot be unsealed with the key of its "
          + "author",
        "the key store is damaged at position 2: the key of user:102, with which its text is "
          + "sealed, is missing",
      ])
  }
}
