package import Domain

extension ReadModels {
  /// How many records are looked ahead for: enough for the processor to wait for many of their
  /// rows at once, few enough for all of these to stay in its cache.
  private static let lookaheadMax = 32

  /// Folds many records in order; after an error, those before it are folded.
  ///
  /// Most of the time of a fold goes into waiting for memory, row after row. Reading a few rows of
  /// many records ahead lets these waits overlap.
  package mutating func fold(contentsOf records: [Record]) throws(ProjectionError) {
    var start = 0
    while start < records.count {
      let end = min(start + Self.lookaheadMax, records.count)
      lookahead &+= touch(records[start..<end])
      for index in start..<end { try fold(records[index]) }
      start = end
    }
  }

  /// The sum means nothing; it keeps the reads from being optimised away.
  private func touch(_ records: ArraySlice<Record>) -> Int {
    var rows: [PersonIndex] = []
    rows.reserveCapacity(2 * Self.lookaheadMax)
    for record in records {
      if let actor = people.index(of: record.actor) { rows.append(actor) }
      if let other = record.event.other, let row = people.index(of: other) { rows.append(row) }
    }
    var sum = 0
    for row in rows { sum &+= graph.touch(row) &+ inbox.touch(row) }
    return sum
  }
}

extension Event {
  /// Whom it is about, if that is one person: where most of its fold happens.
  fileprivate var other: UserID? {
    switch self {
    case .user(let event): event.other
    case .post(.liked(let author)), .post(.unliked(let author)), .post(.shared(_, let author)),
      .post(.unshared(_, let author)), .post(.reacted(_, let author)),
      .post(.unreacted(let author)), .post(.voted(_, let author)), .post(.viewed(let author)):
      author
    case .post, .chat, .tag: nil
    }
  }
}

extension Graph {
  /// Reads what a fold will need of a person.
  fileprivate func touch(_ person: PersonIndex) -> Int {
    guard person.row < following.count else { return 0 }
    return following[person.row].count &+ followers[person.row].count
  }
}

extension Inbox {
  /// Reads what a fold will need of a person.
  fileprivate func touch(_ person: PersonIndex) -> Int {
    guard person.row < inboxes.count, !inboxes[person.row].isEmpty else { return 0 }
    return inboxes[person.row][0].touched
  }
}
