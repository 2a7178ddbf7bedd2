import Domain
import Journal
import Testing

@Test func `what was written is there after opening again`() throws {
  let directory = TemporaryDirectory()
  var written: [Record] = []
  do {
    let journal = try openJournal(directory)
    for id in 1...50 {
      written += try journal.enqueue(.post(UInt64(id), text: "post \(id)"))
      written += try journal.enqueue(.follow(bob, sequence: UInt64(id)))
      #expect(try journal.commitQueued() == 2)
    }
    #expect(journal.durable == Position(100))
    #expect(try readAll(journal.cursor(after: .zero)) == written)
    journal.drainAndStop()
    #expect(throws: JournalError.stopped) { try journal.record(at: Position(1)) }
  }
  let journal = try openJournal(directory)
  #expect(journal.head.position == Position(100))
  #expect(journal.head.blocks == 50)
  #expect(try readAll(journal.cursor(after: .zero), max: 7) == written)
  #expect(try journal.secret(at: Position(99)) == .text(Secret([.text: "post 50"])))
  #expect(try journal.secret(at: Position(100)) == .none)
  #expect(try JournalVerifier(journal).verify() == [])
  journal.drainAndStop()
}

@Test func `the writer thread commits what is queued and tells how far it is`() throws {
  let directory = TemporaryDirectory()
  let journal = try openJournal(directory)
  let woken = Woken()
  journal.onDurable { woken.note($0) }
  journal.startWriter()
  for id in 1...1_000 { _ = try journal.enqueue(.post(UInt64(id))) }
  journal.drainAndStop()
  #expect(journal.durable == Position(1_000))
  #expect(woken.positions.last == Position(1_000))
  #expect(woken.positions == woken.positions.sorted())
  let reader = try JournalReader(directory: directory.path)
  #expect(try readAll(reader.cursor(after: .zero)).count == 1_000)
}
