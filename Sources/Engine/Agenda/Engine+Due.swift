internal import Domain
internal import Entities
internal import Projections

extension Engine {
  /// Items of the agenda that are done at once; more wait for the next call.
  package static let dueItemsMax = 1_000

  /// Does what is due by now: publishes scheduled posts, closes polls. Called every now and then;
  /// what is refused (a full queue) is due again.
  ///
  /// Returns how many events that led to.
  @discardableResult
  package func performDue() async -> Int {
    var changes = 0
    for item in agenda.due(at: clock.now, max: Self.dueItemsMax) {
      let shard = shard(of: .post(item.post))
      guard let post = shard.directory.posts[item.post] else { continue }
      let answer: Gated<Outcome>?
      switch item.task {
      case .release:
        answer = await release(post, by: shard.ids)
      case .closePoll:
        answer = try? await post.perform(.closePoll, by: .system)
      }
      if answer?.changed ?? false { changes += 1 }
    }
    return changes
  }

  /// Nobody is there any more to publish for whose author was erased: that draft is given up.
  private func release(
    _ post: EntityActor<PostState>, by ids: IDGenerator
  ) async -> Gated<Outcome>? {
    guard let author = await post.read({ $0.facts?.author }).value else { return nil }
    if await partition(of: .user(author)).read({ $0.isErased(author) }) {
      return try? await post.perform(.discard, by: .system)
    }
    return try? await post.perform(.release(order: ShareID(ids.next())), by: .system)
  }
}
