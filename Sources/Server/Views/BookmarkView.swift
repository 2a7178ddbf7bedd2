import Domain
import Entities

extension Service {
  /// Notes which of the posts the viewer has bookmarked, in one turn of the viewer's entity.
  /// Answers the position that this depends on.
  func markBookmarks(of viewer: UserID?, in posts: inout [PostReading]) async -> Position {
    guard let viewer, !posts.isEmpty, let user = try? user(viewer) else { return .zero }
    let ids = posts.map(\.id)
    let marks = await user.read { state in
      state.own.extras.isBlank
        ? [] : ids.map { state.own.extras.value.bookmarks.contains($0) }
    }
    for (index, isBookmarked) in marks.value.enumerated() {
      posts[index].isBookmarked = isBookmarked
    }
    return marks.position
  }

  /// The same of one post, which from then on depends on that position too.
  func markBookmark(of viewer: UserID?, in post: inout PostReading) async {
    var posts = [post]
    let position = await markBookmarks(of: viewer, in: &posts)
    post = posts[0]
    post.position = max(post.position, position)
  }
}
