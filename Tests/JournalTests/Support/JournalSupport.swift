import Domain
import Journal

let alice = UserID(101)
let bob = UserID(102)

extension JournalEntry {
  /// One post with text.
  static func post(
    _ id: UInt64, by author: UserID = alice, text: String = "hello", request: RequestTag? = nil
  ) -> JournalEntry {
    let facts = PostFacts(author: author, visibility: .public)
    return JournalEntry(
      actor: author, entity: .post(PostID(id)), firstSequence: 1,
      drafts: [Draft(.post(.published(facts)), secret: Secret([.text: text]))], request: request)
  }

  /// A follow, without text.
  static func follow(
    _ other: UserID, by user: UserID = alice, sequence: UInt64 = 1, request: RequestTag? = nil
  ) -> JournalEntry {
    JournalEntry(
      actor: user, entity: .user(user), firstSequence: sequence,
      drafts: [Draft(.user(.followed(other)))], request: request)
  }
}

/// A journal in memory whose writer is stepped by hand.
struct MemoryJournal {
  let disk: MemoryDisk
  let keys: MemoryKeyStore
  let clock: ManualClock
  let journal: Journal

  init(
    disk: MemoryDisk = MemoryDisk(), keys: MemoryKeyStore = MemoryKeyStore(),
    clock: ManualClock = ManualClock(ms: 1_700_000_000_000), seed: UInt64 = 1,
    limits: JournalLimits = JournalLimits(), durability: Durability = .always
  ) throws {
    self.disk = disk
    self.keys = keys
    self.clock = clock
    journal = try Journal(
      disk: disk, keys: keys, clock: clock, random: SeededRandom(seed: seed),
      durability: durability, limits: limits, onFatal: { _ in })
  }
}

/// All records after a position.
func readAll(_ cursor: JournalCursor, max: Int = 4_096) throws -> [Record] {
  var cursor = cursor
  var all: [Record] = []
  while true {
    let records = try cursor.next(max: max)
    if records.isEmpty { return all }
    all += records
  }
}

func openJournal(
  _ directory: TemporaryDirectory, seed: UInt64 = 1, limits: JournalLimits = JournalLimits(),
  durability: Durability = .always, clock: ManualClock = ManualClock(ms: 1_700_000_000_000),
  contentCheck: ContentCheck = .full
) throws -> Journal {
  try Journal.open(
    directory: directory.path, clock: clock, random: SeededRandom(seed: seed),
    durability: durability, limits: limits, contentCheck: contentCheck, onFatal: { _ in })
}
