import Domain
import Engine
import Entities
import Projections

/// HOME: candidates from the projections, judged by the definition.
struct HomeView {
  let service: Service
  let viewer: UserID

  struct Item {
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
        await partition.read { $0.homeFromRing(viewer, before: before, limit: limit) }
      },
      sources: { await partition.read { $0.homeSources(of: viewer) } },
      outbox: { authors, before, limit in
        await service.outboxEntries(of: authors, before: before, limit: limit)
      },
      admits: { candidates in await judge(candidates, &readings) })
    let items = page.items.compactMap { candidate in
      readings[candidate.post].map { Item(post: $0, sharer: candidate.sharer) }
    }
    let position = readings.values.map(\.position).max() ?? .zero
    return ((items, page.next), position)
  }

  private func judge(
    _ candidates: [HomeCandidate], _ readings: inout [PostID: PostReading]
  ) async -> [Bool] {
    for candidate in candidates where readings[candidate.post] == nil {
      readings[candidate.post] = await service.readPost(candidate.post, viewer: viewer)
    }
    var people = Set(candidates.map(\.actor))
    for candidate in candidates {
      readings[candidate.post].map { people.formUnion($0.facts.people) }
    }
    let eyes = await service.eyes(of: viewer, on: people)
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
    let (earliest, position) = await earliestSharer(of: post)
    return (earliest == sharer, position)
  }

  /// Of those whose share the viewer's home would show, who shared first.
  private func earliestSharer(of post: PostReading) async -> (UserID?, Position) {
    guard let entity = try? service.post(post.id) else { return (nil, .zero) }
    let found = await entity.read { state -> [UserID] in
      var sharers: [UserID] = []
      state.own.shares.forEach {
        sharers.append($0.key)
        return true
      }
      return sharers
    }
    let sharers = found.value
    let viewer = viewer
    let visible = await service.models(of: .user(viewer)).read { models in
      sharers.first { sharer in
        let relation = models.relation(of: viewer, to: sharer)
        return relation.follows && !relation.blocks && !relation.blockedBy && !relation.mutes
      }
    }
    return (visible, found.position)
  }
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
  /// The definition of HOME for a post, or for somebody's share of it.
  func admitsHome(_ post: PostReading, sharer: UserID?) -> Bool {
    admitsHome(post.facts, status: status(of: post), sharer: sharer)
  }

  func admitsHome(_ facts: PostFacts, status: PostStatus, sharer: UserID?) -> Bool {
    guard let viewer else { return false }
    return homeAdmits(
      facts, status: status, authorIsPrivate: isPrivate(facts.author), sharer: sharer,
      viewer: viewer, relations: self)
  }
}

extension Service {
  /// The relations that decide whether one post belongs into a home.
  func homeEyes(of viewer: UserID, on facts: PostFacts, sharer: UserID?) async -> Eyes {
    await eyes(of: viewer, on: facts.people + (sharer.map { [$0] } ?? []))
  }

  /// The newest entries of authors wherever their outboxes are.
  func outboxEntries(
    of authors: [UserID], before: UInt64, limit: Int
  ) async -> [HomeCandidate] {
    guard engine.partitions.count > 1 else {
      return await engine.partitions[0].read {
        $0.outboxEntries(authors: authors, before: before, limit: limit)
      }
    }
    var lists: [[HomeCandidate]] = []
    for partition in engine.partitions {
      lists.append(
        await partition.read {
          $0.outboxEntries(authors: authors, before: before, limit: limit)
        })
    }
    return HomeReader.newest(lists, limit: limit)
  }
}
