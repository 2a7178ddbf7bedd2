import Domain
import Wire

/// Who may see what, and when.
extension NaiveModel {
  enum Sight: Equatable, Sendable { case hidden, gone, seen }

  static let dayMs: Int64 = 86_400_000

  /// Nil for what was deleted or given up.
  func status(_ post: Post, at now: Int64) -> String? {
    let isErased = isErased(post.author)
    switch post.stage {
    case .ended: return nil
    case .draft: return isErased ? nil : post.facts.scheduled == nil ? "draft" : "scheduled"
    case .published:
      if isErased { return post.moderation == .none ? "erased" : nil }
      switch post.moderation {
      case .none: return expires(post).map { now >= $0 } ?? false ? "expired" : "published"
      case .underReview: return "under_review"
      case .removed: return "removed"
      }
    }
  }

  func expires(_ post: Post) -> Int64? {
    post.facts.isStory && post.stage == .published ? post.time + Self.dayMs : nil
  }

  func pollCloses(_ post: Post) -> Int64? {
    guard post.stage == .published, let seconds = post.facts.poll?.seconds else { return nil }
    return post.time + seconds * 1_000
  }

  func sight(
    _ post: Post, _ viewer: UInt64?, at now: Int64, asModerator: Bool = false
  ) -> Sight {
    let isModerator = asModerator && post.facts.visibility != .private
    switch status(post, at: now) {
    case nil: return .hidden
    case "draft", "scheduled": return viewer == post.author ? .seen : .hidden
    case "under_review", "removed":
      return viewer == post.author || isModerator ? .seen : .hidden
    case "published": return admits(post, viewer) || isModerator ? .seen : .hidden
    default: return admits(post, viewer) || isModerator ? .gone : .hidden
    }
  }

  func maySee(_ post: Post, _ viewer: UInt64?, at now: Int64) -> Bool {
    sight(post, viewer, at: now) == .seen
  }

  /// Whether it stands in lists, for who may see it.
  func mayList(_ post: Post, _ viewer: UInt64?, at now: Int64) -> Bool {
    !post.facts.isStory && status(post, at: now) == "published" && admits(post, viewer)
  }

  /// Whom the visibility of a published post admits.
  func admits(_ post: Post, _ viewer: UInt64?) -> Bool {
    guard let viewer else {
      return post.facts.visibility == .public && !isPrivate(post.author)
    }
    if viewer == post.author { return true }
    if isBlocked(viewer, post.author) { return false }
    switch post.facts.visibility {
    case .public: return !isPrivate(post.author) || follows.contains(viewer, post.author)
    case .followers: return follows.contains(viewer, post.author)
    case .friends:
      return follows.contains(viewer, post.author) && follows.contains(post.author, viewer)
    case .private: return false
    }
  }

  /// The post if the viewer sees it, or how they are refused.
  func seen(
    _ id: UInt64, _ viewer: UInt64?, at now: Int64, asModerator: Bool = false
  ) -> Found<Post> {
    guard let post = posts[id] else { return .refused(.refused(.notFound)) }
    switch sight(post, viewer, at: now, asModerator: asModerator) {
    case .seen: return .found(post)
    case .hidden: return .refused(.refused(.notFound))
    case .gone: return .refused(.refused(.gone))
    }
  }

  /// A person that a command names.
  func named(_ name: String) -> Found<Person> {
    guard let person = person(named: name) else { return .refused(.refused(.notFound)) }
    return person.isErased ? .refused(.refused(.gone)) : .found(person)
  }

  /// The same, where a block goes on hiding who is erased.
  func known(_ name: String, to viewer: UInt64?) -> Found<Person> {
    if let viewer, let person = person(named: name), person.isErased,
      blocks.contains(person.id, viewer)
    {
      return .refused(.refused(.notFound))
    }
    return named(name)
  }

  enum Found<Value> {
    case found(Value)
    case refused(Reply)
  }
}

extension Reply {
  static func refused(_ code: Rejection.Code) -> Reply {
    .error(code: code.rawValue, message: "")
  }

  static func id(_ raw: UInt64?) -> Reply { raw.map { .text(String($0)) } ?? .null }
  static func words(_ text: String?) -> Reply { text.map { .text($0) } ?? .null }
  static func number(_ value: Int64?) -> Reply { value.map { .integer($0) } ?? .null }
  static func flag(_ value: Bool) -> Reply { .integer(value ? 1 : 0) }
  static func count(_ value: Int) -> Reply { .integer(Int64(value)) }
}
