package import Domain
package import Journal

/// Where in the journal each entity, person, event type and idempotency key occurs.
///
/// Made on demand, kept in DATA/history, extended at each use from where it ended to the end of
/// the journal. It can be deleted at any time. What is not this journal's (a segment's link
/// differs), or damaged, is made anew. Where the directory cannot be written, it is made in memory,
/// for this use.
///
/// Memory: while it is made, one collected segment; afterwards the directories of the segments.
package final class HistoryIndex {
  package let reader: JournalReader
  /// Consecutive, from position 1.
  var segments: [Segment] = []
  let store: HistoryStore
  let shape: HistoryShape
  private let note: (String) -> Void

  /// The newest position found here: the journal's end when this was opened.
  package var head: Position { segments.last?.last ?? .zero }

  /// Brings the index up to the end of the journal. `note` is told in a sentence what is out of the
  /// ordinary.
  package init(
    _ reader: JournalReader, directory: String, shape: HistoryShape = .standard,
    report: ProgressReport? = nil, note: @escaping (String) -> Void = { _ in }
  ) throws {
    self.reader = reader
    self.shape = shape
    self.note = note
    store = HistoryStore(directory: directory)
    let end = try reader.head().position
    do {
      let lock = try store.lock {
        note("another process is making the history index; waiting for it")
      }
      try withExtendedLifetime(lock) {
        try store.removeUnfinished()
        try load(through: end, mayRemove: true)
        try extend(through: end, report)
      }
    } catch let error as JournalError {
      switch error {
      case .system, .missing: break
      case .damaged, .locked, .alreadyOpen, .unsupportedVersion, .unknownEvent, .library, .failed,
        .stopped, .otherKey:
        throw error
      }
      // What is there may be enough.
      segments = []
      try load(through: end, mayRemove: false)
      if end.raw - head.raw >= shape.unit {
        note(
          "the history index cannot be kept (\(error)); it is made in memory, in one pass over the "
            + "events that it lacks")
      }
      try collect(through: end, report)
    }
    try collect(through: end, nil)
  }

  // MARK: What is there

  /// Takes in the longest run of segments that fit; removes what does not fit and what is left over
  /// from merging.
  private func load(through end: Position, mayRemove: Bool) throws {
    var ranges: [UInt64: [UInt64]] = [:]
    for name in mayRemove ? try store.names() : (try? store.names()) ?? [] {
      let parts = name.split(separator: "-").compactMap { UInt64($0) }
      if parts.count == 2, shape.hasSegment(from: parts[0], through: parts[1]),
        Segment.name(Position(parts[0]), Position(parts[1])) == name
      {
        ranges[parts[0], default: []].append(parts[1])
      }
    }
    var kept: Set<String> = []
    while let candidates = ranges[head.raw + 1] {
      var found: Segment?
      for last in candidates.sorted(by: >) where found == nil {
        let name = Segment.name(head.next, Position(last))
        do {
          found = try segment(name, through: end)
          kept.insert(name)
        } catch let damage as SegmentDamage {
          note("a part of the history index, \(name), is made anew: \(damage)")
        }
      }
      guard let found else { break }
      segments.append(found)
    }
    guard mayRemove else { return }
    for name in try store.names() where !kept.contains(name) { try store.remove(name) }
  }

  private func segment(_ name: String, through end: Position) throws -> Segment {
    let segment: Segment
    do {
      segment = try Segment(.file(try store.open(name)))
    } catch JournalError.missing {
      throw SegmentDamage("it has just been removed")
    }
    guard Segment.name(segment.first, segment.last) == name else {
      throw SegmentDamage("it has another one's name")
    }
    guard segment.last <= end, try reader.link(at: segment.last) == segment.footer.link else {
      throw SegmentDamage("it is not of this journal, as it is now")
    }
    return segment
  }

  // MARK: What is missing

  private func extend(through end: Position, _ report: ProgressReport?) throws {
    let start = head.raw
    while let length = shape.next(after: head.raw, of: end.raw) {
      let last = Position(head.raw + length)
      let progress = report.map { report in
        { (done: UInt64) in
          report(
            Progress(
              title: "indexing", done: done - start, total: end.raw - start, unit: "records"))
        }
      }
      try keep(from: head.next, through: last) { sink throws(JournalError) in
        try self.collect(from: self.head.next, through: last, to: sink, progress)
      }
      try merge()
    }
  }

  private func merge() throws {
    while let count = shape.mergeable(segments.map(\.length), end: head.raw) {
      let parts = Array(segments.suffix(count))
      var damage: SegmentDamage?
      segments.removeLast(count)
      do {
        try keep(from: parts[0].first, through: parts[count - 1].last) {
          sink throws(JournalError) in
          do {
            try Segment.merge(parts, to: sink)
          } catch let error as JournalError {
            throw error
          } catch {
            damage = error as? SegmentDamage
            throw .stopped
          }
        }
      } catch JournalError.stopped {
        // Found out when they are read; until then the parts stay as they are.
        note("parts of the history index are not joined: \(damage.map { "\($0)" } ?? "closed")")
        segments += parts
        return
      }
      for part in parts { try store.remove(Segment.name(part.first, part.last)) }
    }
  }

  /// Writes a segment and appends it.
  private func keep(
    from first: Position, through last: Position,
    _ write: (_ sink: ([UInt8]) throws(JournalError) -> Void) throws(JournalError) -> Void
  ) throws {
    let name = Segment.name(first, last)
    try store.write(name) { writer throws(JournalError) in
      try write { bytes throws(JournalError) in try writer.append(bytes) }
    }
    segments.append(try Segment(.file(try store.open(name))))
  }

  /// Appends what is missing up to a position as segments in memory.
  private func collect(through end: Position, _ report: ProgressReport?) throws {
    let start = head.raw
    while head < end {
      let last = Position(min(end.raw, head.raw + shape.length(shape.collectedLevel)))
      segments.append(
        try collected(from: head.next, through: last) { done in
          report?(
            Progress(
              title: "indexing", done: done - start, total: end.raw - start, unit: "records"))
        })
    }
  }

  private func collected(
    from first: Position, through last: Position, _ progress: ((UInt64) -> Void)?
  ) throws -> Segment {
    var bytes: [UInt8] = []
    try collect(from: first, through: last, to: { bytes += $0 }, progress)
    return try Segment(.memory(bytes))
  }

  private func collect(
    from first: Position, through last: Position,
    to sink: ([UInt8]) throws(JournalError) -> Void, _ progress: ((UInt64) -> Void)?
  ) throws(JournalError) {
    var collector = PostingCollector(first: first)
    var position = Position(first.raw - 1)
    while position < last {
      let block = try reader.block(after: position)
      guard let next = block.first, next.record.position == position.next else {
        throw .damaged(Finding("the journal", at: position.next, "its block is missing"))
      }
      for requested in block where requested.record.position <= last {
        collector.add(requested)
        position = requested.record.position
      }
      progress?(position.raw)
    }
    var writer = SegmentWriter(first: first)
    try collector.drain { term, offsets throws(JournalError) in
      try writer.add(term, offsets, to: sink)
    }
    guard let link = try reader.link(at: last) else {
      throw .damaged(Finding("the journal", at: last, "its block is missing"))
    }
    try writer.finish(last: last, link: link, to: sink)
  }

  // MARK: Reading

  /// Looks into one of the segments. What turns out to be damaged is read from the journal instead,
  /// and made anew at the next use.
  func inspect<Value>(_ index: Int, _ body: (Segment) throws -> Value) throws -> Value {
    do {
      return try body(segments[index])
    } catch let damage as SegmentDamage {
      let segment = segments[index]
      let name = Segment.name(segment.first, segment.last)
      note("a part of the history index, \(name), is read from the journal instead: \(damage)")
      try? store.remove(name)
      segments[index] = try collected(from: segment.first, through: segment.last, nil)
      return try body(segments[index])
    }
  }

  package struct Size: Equatable, Sendable {
    package var segments: Int
    package var bytes: Int
    package var terms: UInt64
    package var postings: UInt64
  }

  /// Of the files.
  package var size: Size {
    let files = segments.filter(\.isFile)
    return Size(
      segments: files.count, bytes: files.reduce(0) { $0 + $1.size },
      terms: files.reduce(0) { $0 + $1.footer.terms },
      postings: files.reduce(0) { $0 + $1.footer.postings })
  }
}
