internal import Domain

/// The hashtags that a person follows, each once.
struct FollowedTags: Sendable {
  /// In the order of following.
  private(set) var all: [Tag] = []
  /// The same, because every look at posts asks it.
  private(set) var members: Set<Tag> = []

  var isEmpty: Bool { all.isEmpty }

  mutating func append(_ tag: Tag) {
    if members.insert(tag).inserted { all.append(tag) }
  }

  mutating func remove(_ tag: Tag) {
    if members.remove(tag) != nil { all.removeAll { $0 == tag } }
  }
}
