package import Domain

/// Something that may be shown in a home, by someone whom the viewer follows or is.
package struct HomeCandidate: PageCandidate, Hashable {
  package var entry: OutboxEntry
  /// The author, or the sharer of a share.
  package var actor: UserID

  package init(entry: OutboxEntry, actor: UserID) {
    self.entry = entry
    self.actor = actor
  }

  package var orderKey: UInt64 { entry.orderKey }
  package var pageKey: UInt64 { entry.orderKey }
  package var post: PostID { entry.post }
  /// Nil if the post itself is the candidate.
  package var sharer: UserID? { entry.kind == .share ? actor : nil }
}

/// What a ring holds below a key.
package struct HomeSlice: Sendable {
  /// Newest first.
  package var candidates: [HomeCandidate]
  /// All candidates from here (inclusive) up to the key asked for are among `candidates`, but for
  /// those of `celebrities`. If this is not below the key asked for, the ring says nothing.
  package var completeDownTo: UInt64
  /// Whom the viewer follows, or is, and whose entries are merged when read.
  package var celebrities: [UserID]
}

/// Reads homes: from the ring as far as it vouches, and from the outboxes of all sources below.
///
/// The candidates are a superset of the definition in PROTOCOL.md, in its order. `admits` decides
/// exactly, given the posts: whether the post is there and seen, the rules for replies, blocks and
/// mutes (`homeAdmits`), and for a share whether it is the earliest that the viewer can see and the
/// post itself is not in the viewer's home.
package struct HomeReader: Sendable {
  package var page: PageReader

  package init(count: Int, scannedMax: Int = PageReader.candidatesScannedMax) {
    page = PageReader(count: count, scannedMax: scannedMax)
  }

  /// - `ring`: `ReadModels.homeFromRing` on the viewer's shard.
  /// - `sources`: `ReadModels.homeSources` there; asked for at most once.
  /// - `outbox`: `ReadModels.outboxEntries` of each of the authors' shards, joined by
  ///   `HomeReader.newest`.
  package func read<Failure: Error>(
    before: UInt64 = .max,
    ring: (_ before: UInt64, _ limit: Int) async throws(Failure) -> HomeSlice,
    sources: () async throws(Failure) -> [UserID],
    outbox: (_ authors: [UserID], _ before: UInt64, _ limit: Int) async throws(Failure)
      -> [HomeCandidate],
    admits: (_ candidates: [HomeCandidate]) async throws(Failure) -> [Bool]
  ) async throws(Failure) -> Page<HomeCandidate> {
    var known: [UserID]?
    var ringIsUsedUp = false
    return try await page.read(
      before: before,
      fetch: { (before, limit) async throws(Failure) -> PageSlice<HomeCandidate> in
        if !ringIsUsedUp {
          let slice = try await ring(before, limit)
          if slice.completeDownTo < before {
            let merged =
              slice.celebrities.isEmpty ? [] : try await outbox(slice.celebrities, before, limit)
            return Self.join(slice, merged, limit: limit)
          }
          ringIsUsedUp = true
        }
        let authors: [UserID]
        if let known { authors = known } else { authors = try await sources() }
        known = authors
        return PageSlice(candidates: try await outbox(authors, before, limit), limit: limit)
      }, admits: admits)
  }

  private static func join(
    _ slice: HomeSlice, _ merged: [HomeCandidate], limit: Int
  ) -> PageSlice<HomeCandidate> {
    let mergedDownTo = merged.count < limit ? 0 : merged.last?.orderKey ?? 0
    let completeDownTo = max(slice.completeDownTo, mergedDownTo)
    let candidates = newest([slice.candidates, merged], limit: .max)
      .filter { $0.orderKey >= completeDownTo }
    return PageSlice(
      candidates: candidates, continueBefore: completeDownTo == 0 ? nil : completeDownTo)
  }

  /// The newest of several lists together, newest first, each order key once.
  package static func newest(_ lists: [[HomeCandidate]], limit: Int) -> [HomeCandidate] {
    var newest: [HomeCandidate] = []
    for candidate in lists.joined().sorted(by: { $0.orderKey > $1.orderKey })
    where newest.last?.orderKey != candidate.orderKey {
      if newest.count == limit { break }
      newest.append(candidate)
    }
    return newest
  }
}
