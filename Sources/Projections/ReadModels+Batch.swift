package import Domain

extension ReadModels {
  /// How many records are looked ahead for: enough for the processor to wait for many of their
  /// rows at once, few enough for all of these to stay in its cache.
  package static let lookaheadMax = 32

  /// Folds many records in order; after an error, those before it are folded.
  ///
  /// Most of the time of a fold goes into waiting for memory, row after row. Reading a few rows of
  /// many records ahead lets these waits overlap.
  package mutating func fold(contentsOf records: [Record]) throws(ProjectionError) {
    try fold(contentsOf: records[...])
  }

  /// The same with a part of them.
  package mutating func fold(
    contentsOf records: ArraySlice<Record>
  ) throws(ProjectionError) {
    var casts: [KnownCast] = []
    casts.reserveCapacity(Self.lookaheadMax)
    var start = records.startIndex
    while start < records.endIndex {
      let end = min(start + Self.lookaheadMax, records.endIndex)
      look(ahead: records[start..<end], &casts)
      for index in start..<end { try fold(records[index], known: casts[index - start]) }
      start = end
    }
  }

  /// Finds whom records are about, and reads what their folds will need.
  private mutating func look(ahead records: ArraySlice<Record>, _ casts: inout [KnownCast]) {
    casts.removeAll(keepingCapacity: true)
    guard folding.contains(.people) else {
      for _ in records { casts.append(KnownCast()) }
      return
    }
    for index in records.indices { casts.append(people.find(records[index])) }
    // The sum means nothing; it keeps the reads from being optimised away.
    var sum = 0
    for index in records.indices {
      let cast = casts[index - records.startIndex]
      guard let actor = cast.actor, let other = cast.other else { continue }
      if case .user = records[index].event {
        sum &+= graph.touch(actor, other) &+ inbox.touchFollowings(of: other)
      } else {
        sum &+= inbox.touch(other)
      }
    }
    lookahead &+= sum
  }
}

extension Graph {
  /// Reads what a fold will need of who follows and of who is followed.
  fileprivate func touch(_ person: PersonIndex, _ other: PersonIndex) -> Int {
    guard max(person.row, other.row) < following.count else { return 0 }
    return following.touched(person) &+ followers.touched(other)
      &+ Int(reach[other.row].count)
  }
}

extension Inbox {
  /// Reads what a fold will need of who is followed.
  fileprivate func touchFollowings(of person: PersonIndex) -> Int {
    person.row < followings.count ? followings[person.row]?.touched ?? 0 : 0
  }

  /// Reads what a fold will need of whom a post's event tells something.
  fileprivate func touch(_ person: PersonIndex) -> Int {
    guard person.row < inboxes.count, !inboxes[person.row].isEmpty else { return 0 }
    return inboxes[person.row][0].touched
  }
}
