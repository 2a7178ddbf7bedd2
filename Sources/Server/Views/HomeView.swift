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

  /// What is looked at for a page.
  private struct Looked {
    /// What is shown, in the order of the page.
    var shown: [Find] = []
    var position = Position.zero
    /// Whose shares count, ascending; asked for where a post was shared before, unless they are
    /// very many.
    var sharers: [UserID]?
  }

  /// A candidate's post, and who shared it before the sharer did. An object: it goes from hand to
  /// hand, and a copy of a reading is dear.
  final class Find: Sendable {
    let post: PostReading
    let earlier: EarlierShares?

    init(post: PostReading, earlier: EarlierShares?) {
      self.post = post
      self.earlier = earlier
    }
  }

  /// A page, and what is shown of each item.
  struct Sheet {
    var page: Page<HomeCandidate>
    var finds: [Find]
    /// For the first items, whether the viewer has bookmarked them.
    var bookmarks: [Bool]
    /// What must be durable before it is shown: of everything looked at, for what is left out may
    /// be gone by an event that is not durable yet.
    var position: Position
  }

  private enum Verdict {
    case admitted
    case refused
    /// A share of a post that has more than a few before it.
    case undecided
  }

  func sheet(_ request: PageRequest) async -> Sheet {
    var looked = Looked()
    looked.shown.reserveCapacity(request.count + 1)
    let reader = HomeReader(count: request.count)
    let partition = service.models(of: .user(viewer))
    let viewer = viewer
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
      admits: { candidates in await judge(candidates, &looked) })
    let marked = await service.bookmarks(of: viewer, on: page.items.map(\.post))
    return Sheet(
      page: page, finds: looked.shown, bookmarks: marked.value,
      position: max(looked.position, marked.position))
  }

  private func judge(_ candidates: [HomeCandidate], _ looked: inout Looked) async -> [Bool] {
    let finds = await find(candidates)
    var showingFriends = false
    for case let find? in finds {
      looked.position = max(looked.position, find.post.position)
      if find.post.facts.visibility == .friends { showingFriends = true }
    }
    var eyes = await service.eyes(
      of: viewer, on: people(of: finds, candidates), since: looked.position,
      showingFriends: showingFriends)
    if let members { eyes.basis = .members(Set(members)) }
    let rulings = await rule(on: candidates, finds, eyes, &looked)
    var verdicts: [Bool] = []
    verdicts.reserveCapacity(candidates.count)
    for (index, candidate) in candidates.enumerated() {
      guard let find = finds[index] else {
        verdicts.append(false)
        continue
      }
      var isAdmitted = rulings[index] == .admitted
      if rulings[index] == .undecided {
        isAdmitted = await isEarliest(candidate, &looked, eyes.basis)
      }
      if isAdmitted { looked.shown.append(find) }
      verdicts.append(isAdmitted)
    }
    return verdicts
  }

  /// So many earlier sharers are looked at one by one.
  private static let sharersScannedMax = 32
  /// With more sources than this, each of them is looked at by itself.
  fileprivate static let sharersSortedMax = 512

  private func find(_ candidates: [HomeCandidate]) async -> [Find?] {
    let viewer = viewer
    return await service.visitPosts(candidates.map(\.post)) { index, state, position in
      guard let post = PostReading(state, viewer: viewer, at: position) else { return nil }
      let candidate = candidates[index]
      let earlier = candidate.sharer.map {
        state.shares(
          before: ShareID(candidate.orderKey), by: $0, max: Self.sharersScannedMax)
      }
      return Find(post: post, earlier: earlier)
    }
  }

  private func people(of finds: [Find?], _ candidates: [HomeCandidate]) -> [UserID] {
    var people: [UserID] = []
    people.reserveCapacity(3 * candidates.count)
    for (index, candidate) in candidates.enumerated() {
      guard let find = finds[index] else { continue }
      find.post.facts.addPeople(to: &people)
      if let sharer = candidate.sharer { people.append(sharer) }
    }
    return people
  }

  /// The definition, but for posts that were shared often.
  private func rule(
    on candidates: [HomeCandidate], _ finds: [Find?], _ eyes: Eyes,
    _ looked: inout Looked
  ) async -> [Verdict] {
    let viewer = viewer
    let members = members
    let known = looked.sharers
    let (verdicts, sharers) = await service.models(of: .user(viewer)).read { models in
      var known = known
      let verdicts = candidates.indices.map { index -> Verdict in
        guard let find = finds[index] else { return .refused }
        guard let sharer = candidates[index].sharer else {
          return eyes.admitsHome(find.post, sharer: nil) ? .admitted : .refused
        }
        guard eyes.admitsHome(find.post, sharer: sharer),
          !eyes.admitsHome(find.post, sharer: nil)
        else { return .refused }
        switch find.earlier {
        // Taken back: a candidate still, beside that person's next one.
        case .takenBack, nil: return .refused
        case .tooMany: return .undecided
        case .by(let earlier):
          if earlier.isEmpty { return .admitted }
          known = known ?? models.sortedSharers(to: viewer, among: members, eyes.basis)
          let isShared =
            if let known {
              earlier.contains { known.sortedIndex(of: $0) != nil }
            } else {
              earlier.contains { models.shows(sharesBy: $0, to: viewer, eyes.basis) }
            }
          return isShared ? .refused : .admitted
        }
      }
      return (verdicts, known)
    }
    looked.sharers = sharers
    return verdicts
  }

  /// Whether a candidate is, of the shares that the viewer would be shown here, the first.
  /// O(min(earlier shares, sources)).
  private func isEarliest(
    _ candidate: HomeCandidate, _ looked: inout Looked, _ basis: HomeBasis
  ) async -> Bool {
    guard let sharer = candidate.sharer, let entity = try? service.post(candidate.post) else {
      return false
    }
    let viewer = viewer
    let members = members
    let partition = service.models(of: .user(viewer))
    let sources = await partition.read { members?.count ?? $0.followingCount(of: viewer) }
    let share = ShareID(candidate.orderKey)
    let found = await entity.read { $0.shares(before: share, by: sharer, max: sources) }
    looked.position = max(looked.position, found.position)
    switch found.value {
    case .takenBack:
      return false
    case .by(let earlier):
      return await partition.read { models in
        !earlier.contains { models.shows(sharesBy: $0, to: viewer, basis) }
      }
    case .tooMany:
      let sharers = await partition.read { $0.sharers(to: viewer, among: members, basis) }
      let first = await entity.read { $0.earliestShare(by: sharers)?.share }
      looked.position = max(looked.position, first.position)
      return first.value == share
    }
  }
}

extension ReadModels {
  /// Whose shares count for a local viewer; of a list, those of its members.
  fileprivate func sharers(
    to viewer: UserID, among members: [UserID]?, _ basis: HomeBasis
  ) -> [UserID] {
    guard let members else { return homeSharers(of: viewer) }
    return members.filter { shows(sharesBy: $0, to: viewer, basis) }
  }

  /// The same, ascending; nil where they are so many that to look at some of them is cheaper.
  fileprivate func sortedSharers(
    to viewer: UserID, among members: [UserID]?, _ basis: HomeBasis
  ) -> [UserID]? {
    let count = members?.count ?? followingCount(of: viewer)
    guard count <= HomeView.sharersSortedMax else { return nil }
    return sharers(to: viewer, among: members, basis).sorted { $0.raw < $1.raw }
  }

  /// Whether somebody's shares count for a local viewer: whoever has shared, not what.
  fileprivate func shows(
    sharesBy sharer: UserID, to viewer: UserID, _ basis: HomeBasis
  ) -> Bool {
    let standing = Standing(relation: outlook(of: viewer, on: sharer))
    return basis.hasShares(by: sharer, viewer: viewer, standing)
      && (sharer == viewer || !standing.isHidden(sharer))
  }
}

/// The viewer's relation to one person, whoever is asked about: many are looked at for one share.
private struct Standing: HomeRelations {
  let relation: GraphRelation

  func follows(_ other: UserID) -> Bool { relation.follows }
  func isFollowed(by other: UserID) -> Bool { relation.followedBy }
  func isBlocked(_ other: UserID) -> Bool { relation.isBlockedEitherWay }
  func isMuted(_ other: UserID) -> Bool { relation.mutes }
}

extension PostFacts {
  /// Everyone whose relation to a viewer decides whether the viewer is shown the post.
  var people: [UserID] {
    var people: [UserID] = []
    addPeople(to: &people)
    return people
  }

  fileprivate func addPeople(to people: inout [UserID]) {
    people.append(author)
    for mention in mentions { people.append(mention) }
    if let reply { people.append(reply.parentAuthor) }
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
