import Domain
import Entities

extension Service {
  /// Notes which of the posts the viewer has bookmarked, in one turn of the viewer's entity.
  /// Answers the position that this depends on.
  func markBookmarks(of viewer: UserID?, in posts: inout [PostReading]) async -> Position {
    guard let viewer else { return .zero }
    let marks = await bookmarks(of: viewer, on: posts.map(\.id))
    for (index, isBookmarked) in marks.value.enumerated() {
      posts[index].isBookmarked = isBookmarked
    }
    return marks.position
  }

  /// Which of the posts the viewer has bookmarked, in their order; empty if none at all.
  func bookmarks(of viewer: UserID, on posts: [PostID]) async -> Gated<[Bool]> {
    guard !posts.isEmpty, let user = try? user(viewer) else {
      return Gated([], after: .zero, changed: false)
    }
    return await user.read { $0.bookmarkMarks(on: posts) }
  }

  /// The same of one post, which from then on depends on that position too.
  func markBookmark(of viewer: UserID?, in post: inout PostReading) async {
    var posts = [post]
    let position = await markBookmarks(of: viewer, in: &posts)
    post = posts[0]
    post.position = max(post.position, position)
  }
}
