import Domain
import Engine
import Entities
import Projections

/// HOME and TIMELINE LIST: candidates from the projections, judged by the definition.
struct HomeView {
  let service: Service
  let viewer: UserID
  /// Nil for the viewer's home.
  var members: [UserID]?

  struct Item {
    var key: UInt64
    var post: PostReading
    var sharer: UserID?
  }

  /// The page, and the position that must be durable before it is shown: of everything looked at,
  /// for what is left out may be gone by an event that is not durable yet.
  func page(
    _ request: PageRequest
  ) async -> (page: (items: [Item], next: UInt64?), position: Position) {
    var readings: [PostID: PostReading] = [:]
    let reader = HomeReader(count: request.count)
    let partition = service.models(of: .user(viewer))
    let page = await reader.read(
      before: request.before,
      ring: { before, limit in
        if members != nil { return .silent(below: before) }
        return await partition.read { $0.homeFromRing(viewer, before: before, limit: limit) }
      },
      sources: {
        if let members { return HomeSources(authors: members) }
        return await partition.read { $0.homeSources(of: viewer) }
      },
      merged: { sources, before, limit in
        await service.homeEntries(of: sources, before: before, limit: limit)
      },
      admits: { candidates in await judge(candidates, &readings) })
    var posts = page.items.compactMap { readings[$0.post] }
    let position = readings.values.map(\.position).max() ?? .zero
    let marked = await service.markBookmarks(of: viewer, in: &posts)
    let items = zip(posts, page.items).map { Item(key: $1.pageKey, post: $0, sharer: $1.sharer) }
    return ((items, page.next), max(position, marked))
  }

  private func judge(
    _ candidates: [HomeCandidate], _ readings: inout [PostID: PostReading]
  ) async -> [Bool] {
    for candidate in candidates where readings[candidate.post] == nil {
      readings[candidate.post] = await service.readPost(candidate.post, viewer: viewer)
    }
    var people = Set(candidates.compactMap(\.sharer))
    for candidate in candidates {
      readings[candidate.post].map { people.formUnion($0.facts.people) }
    }
    var eyes = await service.eyes(of: viewer, on: people)
    if let members { eyes.basis = .members(Set(members)) }
    var verdicts: [Bool] = []
    for candidate in candidates {
      guard let post = readings[candidate.post] else {
        verdicts.append(false)
        continue
      }
      let (isAdmitted, position) = await admits(candidate, post, eyes)
      readings[candidate.post]?.position = max(post.position, position)
      verdicts.append(isAdmitted)
    }
    return verdicts
  }

  /// With the position that the verdict rests on.
  private func admits(
    _ candidate: HomeCandidate, _ post: PostReading, _ eyes: Eyes
  ) async -> (Bool, Position) {
    guard let sharer = candidate.sharer else {
      return (eyes.admitsHome(post, sharer: nil), .zero)
    }
    guard eyes.admitsHome(post, sharer: sharer), !eyes.admitsHome(post, sharer: nil) else {
      return (false, .zero)
    }
    let (earliest, position) = await earliestShare(of: post, eyes.basis)
    // Not the sharer: a share that was taken back is a candidate still, beside their next one.
    return (earliest?.raw == candidate.orderKey, position)
  }

  /// Up to so many sharers are looked at one by one, or as many as the viewer has sources if these
  /// are more.
  private static let sharersScannedMin = 1_024

  /// Of the shares that the viewer would be shown here, the first. Beyond a few:
  /// O(min(sharers, sources)).
  private func earliestShare(
    of post: PostReading, _ basis: HomeBasis
  ) async -> (ShareID?, Position) {
    guard let entity = try? service.post(post.id) else { return (nil, .zero) }
    let scannedMax = max(Self.sharersScannedMin, await sourcesCount)
    let found = await entity.read { state -> [(sharer: UserID, share: ShareID)]? in
      guard state.own.shares.count <= scannedMax else { return nil }
      var shares: [(sharer: UserID, share: ShareID)] = []
      state.own.shares.forEach {
        shares.append(($0.key, $0.payload))
        return true
      }
      return shares
    }
    let viewer = viewer
    let partition = service.models(of: .user(viewer))
    if let shares = found.value {
      let first = await partition.read { models in
        shares.first { models.shows(sharesBy: $0.sharer, to: viewer, basis) }
      }
      return (first?.share, found.position)
    }
    let members = members
    let sources = await partition.read { models in
      (members ?? models.homeSources(of: viewer).authors)
        .filter { models.shows(sharesBy: $0, to: viewer, basis) }
    }
    let first = await entity.read { state in
      sources.compactMap { state.own.shares[$0] }.min { $0.position < $1.position }?.payload
    }
    return (first.value, first.position)
  }

  private var sourcesCount: Int {
    get async {
      if let members { return members.count }
      let viewer = viewer
      return await service.models(of: .user(viewer)).read { $0.followingCount(of: viewer) }
    }
  }
}

extension ReadModels {
  /// Whether somebody's shares count for a local viewer: whoever has shared, not what.
  fileprivate func shows(
    sharesBy sharer: UserID, to viewer: UserID, _ basis: HomeBasis
  ) -> Bool {
    let standing = Standing(relation: relation(of: viewer, to: sharer))
    return basis.hasShares(by: sharer, viewer: viewer, standing)
      && (sharer == viewer || !standing.isHidden(sharer))
  }
}

/// The viewer's relation to one person, whoever is asked about: many are looked at for one share.
private struct Standing: HomeRelations {
  let relation: GraphRelation

  func follows(_ other: UserID) -> Bool { relation.follows }
  func isFollowed(by other: UserID) -> Bool { relation.followedBy }
  func isBlocked(_ other: UserID) -> Bool { relation.blocks || relation.blockedBy }
  func isMuted(_ other: UserID) -> Bool { relation.mutes }
}

extension PostFacts {
  /// Everyone whose relation to a viewer decides whether the viewer is shown the post.
  var people: [UserID] {
    var people = [author] + mentions
    if let reply { people.append(reply.parentAuthor) }
    return people
  }
}

extension Eyes {
  /// The definition of HOME, or of a list's timeline, for a post, or for somebody's share of it.
  func admitsHome(_ post: PostReading, sharer: UserID?) -> Bool {
    admitsHome(post.facts, status: status(of: post), sharer: sharer)
  }

  func admitsHome(_ facts: PostFacts, status: PostStatus, sharer: UserID?) -> Bool {
    guard let viewer else { return false }
    return homeAdmits(
      facts, status: status, authorIsPrivate: isPrivate(facts.author), sharer: sharer,
      viewer: viewer, basis: basis, relations: self)
  }
}

extension Service {
  /// The newest entries of authors and hashtags, wherever these are kept.
  func homeEntries(
    of sources: HomeSources, before: UInt64, limit: Int
  ) async -> [HomeCandidate] {
    var lists: [[HomeCandidate]] = []
    for partition in engine.partitions {
      lists.append(
        await partition.read { $0.homeEntries(of: sources, before: before, limit: limit) })
    }
    return lists.count == 1 ? lists[0] : HomeReader.newest(lists, limit: limit)
  }
}
