package import Domain

/// Something that may be shown in a home or in the timeline of a list of people.
package struct HomeCandidate: PageCandidate, Hashable {
  package var entry: OutboxEntry
  /// Nil if the post itself is the candidate.
  package var sharer: UserID?

  package init(entry: OutboxEntry, sharer: UserID?) {
    self.entry = entry
    self.sharer = sharer
  }

  /// From the outbox of the author, or the sharer of a share.
  package init(entry: OutboxEntry, actor: UserID) {
    self.init(entry: entry, sharer: entry.kind == .share ? actor : nil)
  }

  package var orderKey: UInt64 { entry.orderKey }
  package var pageKey: UInt64 { entry.orderKey }
  package var post: PostID { entry.post }
}

/// Whose outboxes and which hashtags' timelines are merged.
package struct HomeSources: Hashable, Sendable {
  package var authors: [UserID]
  package var tags: [Tag]

  package init(authors: [UserID], tags: [Tag] = []) {
    self.authors = authors
    self.tags = tags
  }

  package var isEmpty: Bool { authors.isEmpty && tags.isEmpty }
}

/// What a ring holds below a key.
package struct HomeSlice: Sendable {
  /// Newest first.
  package var candidates: [HomeCandidate]
  /// All candidates from here (inclusive) up to the key asked for are among `candidates`, but for
  /// those of `unpushed`. If this is not below the key asked for, the ring says nothing.
  package var completeDownTo: UInt64
  /// What is never pushed, and not kept where the ring is: celebrities whom the viewer follows, and
  /// hashtags.
  package var unpushed: HomeSources

  /// Of somebody whom nothing is pushed to, or of a list of people: nothing vouched for.
  package static func silent(below before: UInt64) -> HomeSlice {
    HomeSlice(candidates: [], completeDownTo: before, unpushed: HomeSources(authors: []))
  }

  /// Takes in the newest of others below the same key, newest first: all of them, unless there are
  /// `limit`. Keeps the newest `limit`.
  mutating func join(_ others: [HomeCandidate], limit: Int) {
    guard !others.isEmpty else { return }
    if others.count >= limit, let last = others.last {
      completeDownTo = max(completeDownTo, last.orderKey)
    }
    candidates = HomeReader.newest([candidates, others], limit: limit)
    if candidates.count == limit, let last = candidates.last {
      completeDownTo = max(completeDownTo, last.orderKey)
    }
    while let last = candidates.last, last.orderKey < completeDownTo { candidates.removeLast() }
  }
}

/// Reads homes and timelines of lists: from the ring, if there is one, as far as it vouches, and
/// from the outboxes and hashtags of all sources below.
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

  /// - `ring`: `ReadModels.homeFromRing` on the viewer's shard, which merges what is kept there;
  ///   `HomeSlice.silent` for a list.
  /// - `sources`: `ReadModels.homeSources` there, or a list's members; asked for at most once.
  /// - `merged`: `ReadModels.homeEntries` of every shard, joined by `HomeReader.newest`.
  @inlinable
  package func read<Failure: Error>(
    before: UInt64 = .max,
    ring: (_ before: UInt64, _ limit: Int) async throws(Failure) -> HomeSlice,
    sources: () async throws(Failure) -> HomeSources,
    merged: (_ sources: HomeSources, _ before: UInt64, _ limit: Int) async throws(Failure)
      -> [HomeCandidate],
    admits: (_ candidates: [HomeCandidate]) async throws(Failure) -> [Bool]
  ) async throws(Failure) -> Page<HomeCandidate> {
    var known: HomeSources?
    var ringIsUsedUp = false
    return try await page.read(
      before: before,
      fetch: { (before, limit) async throws(Failure) -> PageSlice<HomeCandidate> in
        if !ringIsUsedUp {
          let slice = try await ring(before, limit)
          if slice.completeDownTo < before {
            if slice.unpushed.isEmpty { return Self.whole(slice) }
            return Self.join(
              slice, try await merged(slice.unpushed, before, limit), limit: limit)
          }
          ringIsUsedUp = true
        }
        let all: HomeSources
        if let known { all = known } else { all = try await sources() }
        known = all
        return PageSlice(candidates: try await merged(all, before, limit), limit: limit)
      }, admits: admits)
  }

  /// A slice to which nothing has to be merged.
  package static func whole(_ slice: HomeSlice) -> PageSlice<HomeCandidate> {
    PageSlice(
      candidates: slice.candidates,
      continueBefore: slice.completeDownTo == 0 ? nil : slice.completeDownTo)
  }

  package static func join(
    _ slice: HomeSlice, _ merged: [HomeCandidate], limit: Int
  ) -> PageSlice<HomeCandidate> {
    let mergedDownTo = merged.count < limit ? 0 : merged.last?.orderKey ?? 0
    let completeDownTo = max(slice.completeDownTo, mergedDownTo)
    let candidates = newest([slice.candidates, merged], limit: .max)
      .filter { $0.orderKey >= completeDownTo }
    return PageSlice(
      candidates: candidates, continueBefore: completeDownTo == 0 ? nil : completeDownTo)
  }

  /// The newest of several lists together, newest first as each of them, each order key once.
  package static func newest(_ lists: [[HomeCandidate]], limit: Int) -> [HomeCandidate] {
    lists.dropFirst().reduce(lists.first ?? []) { newest($0, $1, limit: limit) }
  }

  private static func newest(
    _ left: [HomeCandidate], _ right: [HomeCandidate], limit: Int
  ) -> [HomeCandidate] {
    if right.isEmpty, left.count <= limit { return left }
    var newest: [HomeCandidate] = []
    newest.reserveCapacity(min(left.count + right.count, limit))
    var (onLeft, onRight) = (0, 0)
    while newest.count < limit, onLeft < left.count || onRight < right.count {
      let isLeft =
        onRight == right.count
        || (onLeft < left.count && left[onLeft].orderKey >= right[onRight].orderKey)
      let candidate = isLeft ? left[onLeft] : right[onRight]
      if isLeft { onLeft += 1 } else { onRight += 1 }
      if newest.last?.orderKey != candidate.orderKey { newest.append(candidate) }
    }
    return newest
  }
}
