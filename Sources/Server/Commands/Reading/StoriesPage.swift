import Domain
import Engine
import Entities
import Projections
import Wire

/// STORIES: who told stories that have not expired, the newest first, each with theirs.
func showStories(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let shard = service.shard(of: .user(caller))
  let request = try PageRequest(arguments, of: .stories(caller), now: shard.fold.folded)
  let tellers = await service.storyTellers(for: caller, asOf: request.asOf)
  var stories: [UserID: [PostReading]] = [:]
  var position = Position.zero
  let page = await PageReader(count: request.count).read(
    before: request.before,
    fetch: { before, limit in
      PageSlice(
        candidates: Array(tellers.drop { $0.pageKey >= before }.prefix(limit)), limit: limit)
    },
    admits: { candidates in
      for teller in candidates {
        let posts = await service.readPosts(teller.stories, viewer: caller)
        // Also of what is left out: it may be gone by an event that is not durable yet.
        position = max(position, posts.map(\.position).max() ?? .zero)
        stories[teller.author] = posts
      }
      let eyes = await service.eyes(
        of: caller, on: candidates.map(\.author), since: position)
      for teller in candidates {
        stories[teller.author]?.removeAll {
          eyes.isMuted(teller.author) || eyes.status(of: $0) != .published || !eyes.maySee($0)
        }
      }
      return candidates.map { stories[$0.author]?.isEmpty == false }
    })
  var shown = page.items.flatMap { stories[$0.author] ?? [] }
  position = max(position, await service.markBookmarks(of: caller, in: &shown))
  let told = Dictionary(grouping: shown, by: \.facts.author)
  let items = try page.items.map { teller in
    Reply.map([
      "author": .text(service.name(teller.author)),
      "stories": .array(
        try (told[teller.author] ?? []).map { try service.reply($0, viewer: caller) }),
    ])
  }
  return Response(request.reply(items, next: page.next), after: position)
}

extension Service {
  /// Those whom the viewer follows, and the viewer, as far as they have stories; newest first.
  fileprivate func storyTellers(for viewer: UserID, asOf: Position) async -> [StoryTeller] {
    let sources = await models(of: .user(viewer)).read { $0.homeSources(of: viewer).authors }
    let now = clock.now
    var tellers: [StoryTeller] = []
    for partition in engine.partitions {
      tellers += await partition.read { $0.storyTellers(among: sources, asOf: asOf, at: now) }
    }
    return tellers.sorted { $0.pageKey > $1.pageKey }
  }
}
