/// What a page is made of.
package protocol PageCandidate: Sendable {
  /// Pages run from greater keys to lower ones; no two items of a list share one.
  var pageKey: UInt64 { get }
}

/// Candidates below some key, newest first, with none left out in between.
package struct PageSlice<Candidate: PageCandidate>: Sendable {
  package var candidates: [Candidate]
  /// The next slice lies below this key; nil if history ends here.
  package var continueBefore: UInt64?
  /// How many were looked at: the candidates, and what the source itself has passed over.
  package var scanned: Int

  package init(candidates: [Candidate], continueBefore: UInt64?, scanned: Int? = nil) {
    self.candidates = candidates
    self.continueBefore = continueBefore
    self.scanned = scanned ?? candidates.count
  }

  /// For a source that gives fewer than `limit` only at its end.
  package init(candidates: [Candidate], limit: Int) {
    self.init(
      candidates: candidates,
      continueBefore: candidates.count < limit ? nil : candidates.last?.pageKey)
  }
}

/// A page as it is answered.
package struct Page<Item: Sendable>: Sendable {
  package var items: [Item]
  /// Where the next page begins; nil at the end of history.
  package var next: UInt64?

  package init(items: [Item], next: UInt64?) {
    self.items = items
    self.next = next
  }
}

/// Assembles a page from candidates of which not all are admitted.
///
/// Reads on to one item more than asked for, so that the end is known with the last page. Gives up
/// after `candidatesScannedMax`, with a short page and where to go on: a page's cost is bounded
/// however few candidates are admitted.
package struct PageReader: Sendable {
  package static let countMax = 200
  package static let candidatesScannedMax = 4_096
  /// Candidates asked for at once, where few are missing.
  @usableFromInline static let sliceMin = 8

  package var count: Int
  package var scannedMax: Int

  package init(count: Int, scannedMax: Int = candidatesScannedMax) {
    precondition(count > 0 && scannedMax > 0, "a page has items")
    self.count = count
    self.scannedMax = scannedMax
  }

  /// `fetch` gives a slice below a key, of about `limit` candidates; `admits` judges them all at
  /// once, in order.
  @inlinable
  package func read<Candidate: PageCandidate, Failure: Error>(
    before: UInt64,
    fetch: (_ before: UInt64, _ limit: Int) async throws(Failure) -> PageSlice<Candidate>,
    admits: (_ candidates: [Candidate]) async throws(Failure) -> [Bool]
  ) async throws(Failure) -> Page<Candidate> {
    var items: [Candidate] = []
    var before = before
    var scanned = 0
    while true {
      // What is missing, and some more: others will not be admitted either.
      let missing = count + 1 - items.count
      let limit = scanned == 0 ? missing : min(count + 1, max(2 * missing, Self.sliceMin))
      let slice = try await fetch(before, limit)
      let verdicts = slice.candidates.isEmpty ? [] : try await admits(slice.candidates)
      precondition(verdicts.count == slice.candidates.count, "one verdict per candidate")
      for index in verdicts.indices where verdicts[index] {
        if items.count == count { return Page(items: items, next: items[count - 1].pageKey) }
        items.append(slice.candidates[index])
      }
      guard let next = slice.continueBefore else { return Page(items: items, next: nil) }
      precondition(next < before, "a slice ends below where it began")
      before = next
      scanned += max(1, slice.scanned)
      if scanned >= scannedMax { return Page(items: items, next: before) }
    }
  }
}
