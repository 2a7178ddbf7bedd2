import Domain
import Testing

@testable import Journal

struct JournalFillerTests {
  private let directory = TemporaryDirectory()
  private let random = SeededRandom(seed: 1)

  private func key(of user: UserID) -> [UInt8] { blake2b256(Array("\(user)".utf8)) }

  /// Posts of two people, as many as are asked for.
  private func fill(_ filler: JournalFiller, posts: UInt64) throws {
    for user in [alice, bob].sorted() { filler.add(user, key: key(of: user)) }
    for number in 0..<posts {
      let author = number.isMultiple(of: 2) ? alice : bob
      let facts = PostFacts(author: author, visibility: .public)
      try filler.append(
        Draft(.post(.published(facts)), secret: Secret([.text: "number \(number)"])),
        of: .post(PostID(number + 100)), sequence: 1, by: author,
        at: Instant(ms: Int64(number)), key: key(of: author))
    }
  }

  @Test func `what was filled is a journal like any other`() throws {
    let path = directory.path + "/data"
    try FileSystem.makeDirectory(path)
    let filler = JournalFiller(directory: path, created: Instant(ms: 0), random: random)
    // Over two runs of blocks.
    let posts: UInt64 = 20_000
    try fill(filler, posts: posts)
    try filler.finish()
    #expect(filler.position == Position(posts))
    let journal = try Journal.open(
      directory: path, clock: ManualClock(ms: 1_700_000_000_000), random: random,
      contentCheck: .full)
    defer { journal.drainAndStop() }
    #expect(journal.durable == Position(posts))
    for number in [0, 1, 16_383, 16_384, posts - 1] {
      let secret = try journal.secret(at: Position(number + 1))
      #expect(secret == .text(Secret([.text: "number \(number)"])))
    }
    // And goes on like one.
    _ = try journal.enqueue(.post(7, by: alice))
    _ = try journal.commitQueued()
    #expect(journal.durable == Position(posts + 1))
  }

  @Test func `a directory that cannot be written is told`() throws {
    let filler = JournalFiller(
      directory: directory.path + "/is/not/there", created: Instant(ms: 0), random: random)
    #expect(throws: JournalError.self) {
      try fill(filler, posts: 200_000)
      try filler.finish()
    }
  }

  @Test func `one that is given up ends its thread`() throws {
    let path = directory.path + "/data"
    try FileSystem.makeDirectory(path)
    do {
      let filler = JournalFiller(directory: path, created: Instant(ms: 0), random: random)
      try fill(filler, posts: 20_000)
    }
    // Nobody has it open any more.
    let journal = try Journal.open(
      directory: path, clock: ManualClock(ms: 1_700_000_000_000), random: random)
    #expect(journal.durable == Position(16_384))
    journal.drainAndStop()
  }
}
