import Domain
import Projections

/// The shards of a server, without threads: folds everywhere, reads where the key lives.
struct Cluster {
  private(set) var shards: [ReadModels]

  init(shardCount: Int, limits: ProjectionLimits) {
    shards = (0..<shardCount).map {
      ReadModels(shard: ShardIndex($0), of: shardCount, limits: limits)
    }
  }

  /// From the entries of other shards, however many.
  init(restoring others: Cluster, shardCount: Int) throws {
    self.init(shardCount: shardCount, limits: others.shards[0].limits)
    var entries: [ProjectionName: [(key: [UInt8], value: [UInt8])]] = [:]
    for shard in others.shards {
      shard.forEachStored { entries[$0, default: []].append(($1, $2)) }
    }
    for index in shards.indices {
      for name in ProjectionName.allCases {
        for entry in entries[name] ?? [] {
          try shards[index].restore(name, key: entry.key[...], value: entry.value[...])
        }
      }
      shards[index].finishRestoring(at: others.shards[0].position)
    }
  }

  mutating func fold(_ records: some Sequence<Record>) throws {
    for index in shards.indices {
      try shards[index].fold(contentsOf: Array(records))
    }
  }

  var position: Position { shards[0].position }

  subscript(key: EntityKey) -> ReadModels {
    shards[Int(key.stableHash % UInt64(shards.count))]
  }

  var digests: [ProjectionName: Digest] {
    var sums: [ProjectionName: Digest] = [:]
    for shard in shards {
      for (name, digest) in shard.digests() {
        sums[name, default: Digest()] = sums[name, default: Digest()] + digest
      }
    }
    return sums
  }

  /// Home through ring and merge, admitted by the domain's rule on the graph's relations.
  func home(
    _ viewer: UserID, before: UInt64, count: Int, scannedMax: Int, town: NaiveTown
  ) async -> Page<HomeCandidate> {
    let models = self[.user(viewer)]
    return await read(
      viewer, .following(tags: Set(models.followedTags(of: viewer))), before, count, scannedMax,
      town, ring: { models.homeFromRing(viewer, before: $0, limit: $1) },
      sources: { models.homeSources(of: viewer) })
  }

  /// The timeline of a list of people.
  func list(
    _ members: [UserID], of viewer: UserID, before: UInt64, count: Int, scannedMax: Int,
    town: NaiveTown
  ) async -> Page<HomeCandidate> {
    await read(
      viewer, .members(Set(members)), before, count, scannedMax, town,
      ring: { before, _ in .silent(below: before) },
      sources: { HomeSources(authors: members) })
  }

  private func read(
    _ viewer: UserID, _ basis: HomeBasis, _ before: UInt64, _ count: Int, _ scannedMax: Int,
    _ town: NaiveTown, ring: (UInt64, Int) -> HomeSlice, sources: () -> HomeSources
  ) async -> Page<HomeCandidate> {
    let relations = Relations(models: self[.user(viewer)], viewer: viewer)
    return await HomeReader(count: count, scannedMax: scannedMax).read(
      before: before, ring: ring, sources: sources,
      merged: { sources, before, limit in
        HomeReader.newest(
          shards.map { $0.homeEntries(of: sources, before: before, limit: limit) },
          limit: limit)
      },
      admits: { candidates in
        candidates.map { admits($0, viewer, basis, relations, town) }
      })
  }

  private func admits(
    _ candidate: HomeCandidate, _ viewer: UserID, _ basis: HomeBasis, _ relations: Relations,
    _ town: NaiveTown
  ) -> Bool {
    guard let post = town.post(candidate.post) else { return false }
    func admits(_ sharer: UserID?) -> Bool {
      homeAdmits(
        post.facts, status: post.status,
        authorIsPrivate: town.privates.contains(post.facts.author), sharer: sharer,
        viewer: viewer, basis: basis, relations: relations)
    }
    guard candidate.sharer != nil else { return admits(nil) }
    if admits(nil) { return false }
    let seen = town.shares.filter { $0.post == post.id && admits($0.sharer) }
    return seen.min { $0.id < $1.id }?.id.raw == candidate.orderKey
  }

  struct Relations: HomeRelations {
    let models: ReadModels
    let viewer: UserID

    private func relation(_ other: UserID) -> GraphRelation {
      models.relation(of: viewer, to: other)
    }

    func follows(_ other: UserID) -> Bool { relation(other).follows }
    func isFollowed(by other: UserID) -> Bool { relation(other).followedBy }
    func isBlocked(_ other: UserID) -> Bool { relation(other).blocks || relation(other).blockedBy }
    func isMuted(_ other: UserID) -> Bool { relation(other).mutes }
  }
}
