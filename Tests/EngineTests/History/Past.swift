import Domain
import Engine
import Entities
import Journal

/// A journal that random life has left, closed, for tests that only read.
final class Past: Sendable {
  let directory = TemporaryDirectory()
  let reader: JournalReader
  let records: [Record]

  init(seed: UInt64, steps: Int) async throws {
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: seed)
    await people.live(steps)
    // Somebody is forgotten in between: sign-ups go on, with other names.
    _ = try await people.entity(people.users[4]).perform(.erase, by: people.users[4])
    await people.live(steps / 4, from: "later")
    await town.close()
    reader = try JournalReader(directory: directory.path)
    var cursor = reader.cursor(after: .zero)
    var records: [Record] = []
    while case let next = try cursor.next(), !next.isEmpty { records += next }
    self.records = records
  }

  /// Small, so that there are segments of all lengths.
  static let shape = HistoryShape(unit: 32, fanIn: 4, levels: 3, collectedLevel: 1)

  func index() throws -> HistoryIndex {
    try HistoryIndex(reader, directory: directory.path, shape: Self.shape)
  }

  /// Everything that an event is about, each once.
  var entities: Set<EntityKey> {
    var all: Set<EntityKey> = []
    for record in records {
      all.insert(record.entity)
      forEachRecipient(of: record) { all.insert($0) }
    }
    return all
  }

  var head: Position { Position(UInt64(records.count)) }
}

extension EntityKey {
  var address: EntityAddress {
    switch self {
    case .user(let id): .user("\(id)")
    case .post(let id): .post(id)
    case .chat(let id): .chat(id)
    case .tag(let tag): .tag(tag)
    }
  }
}

/// The files of a history index, by name; without the lock.
func historyFiles(_ directory: String) -> [String: [UInt8]] {
  var files: [String: [UInt8]] = [:]
  for name in fileNames(directory + "/history") where name != "lock" {
    files[name] = readFile(directory + "/history/" + name)
  }
  return files
}
