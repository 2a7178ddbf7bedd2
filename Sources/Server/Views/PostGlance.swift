import Domain
import Engine
import Entities
import Projections

/// What decides who may see a post, without anything else of it: for what changes posts.
private struct PostGlance: Sendable {
  var facts: PostFacts
  var status: PostStatus
  var expires: Instant?

  /// Nil for a post that was never written.
  init?(_ state: borrowing PostState) {
    guard let facts = state.own.facts, let status = state.status else { return nil }
    self.facts = facts
    self.status = status
    expires = state.expires
  }
}

extension Service {
  /// Throws what `visiblePost` throws, and reads less.
  func checkIsVisible(
    _ post: EntityActor<PostState>, to viewer: UserID
  ) async throws(Rejection) {
    guard let glance = await post.read({ PostGlance($0) }).value else { throw .noSuchPost }
    let author = glance.facts.author
    let stance = await models(of: .user(viewer)).read { $0.stance(of: viewer, to: author) }
    let status = glance.status.effective(
      expires: glance.expires, at: clock.now, authorIsErased: stance.authorIsErased)
    let sight = sight(
      of: glance.facts, status: status, authorIsPrivate: stance.authorIsPrivate,
      viewer: stance.viewer)
    switch sight {
    case .seen: return
    case .hidden: throw .noSuchPost
    case .gone: throw status == .erased ? Rejection.erasedPost : .expiredStory
    }
  }
}
