package import Domain

extension JournalReader {
  /// Everybody who was erased: by the events, and by the destroyed keys. Reads all events.
  package func erasures(
    progress: (Position) -> Void = { _ in }
  ) throws(JournalError) -> [Erasure] {
    var erasures: [Erasure] = []
    var cursor = cursor(after: .zero)
    while true {
      let records = try cursor.next()
      if records.isEmpty { break }
      for record in records {
        if case .user(.erased) = record.event, case .user(let user) = record.entity {
          erasures.append(Erasure(user: user, position: record.position))
        }
      }
      progress(cursor.position)
    }
    var known = Set(erasures.map(\.user))
    try log.keys.forEach { user, lookup throws(JournalError) in
      if lookup == .destroyed, known.insert(user).inserted {
        erasures.append(Erasure(user: user, position: nil))
      }
    }
    return erasures
  }
}
