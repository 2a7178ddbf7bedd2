import Domain
import Testing

struct VisibilityTests {
  /// Who sees what, written out: rows are visibility and the author's account, columns the
  /// relations in the order anonymous, stranger, follower, friend, author.
  static let table: [(Visibility, authorIsPrivate: Bool, sees: String)] = [
    (.public, false, "yes yes yes yes yes"),
    (.followers, false, "no no yes yes yes"),
    (.friends, false, "no no no yes yes"),
    (.private, false, "no no no no yes"),
    (.public, true, "no no yes yes yes"),
    (.followers, true, "no no yes yes yes"),
    (.friends, true, "no no no yes yes"),
    (.private, true, "no no no no yes"),
  ]

  static let relations: [ViewerRelation] = [.anonymous, .stranger, .follower, .friend, .author]

  @Test(arguments: table)
  func `who sees a post`(
    visibility: Visibility, authorIsPrivate: Bool, sees: String
  ) {
    let post = PostFacts(author: anna, visibility: visibility)
    for (relation, word) in zip(Self.relations, sees.split(separator: " ")) {
      let sees = maySee(
        post, status: .published, authorIsPrivate: authorIsPrivate, viewer: Viewer(relation))
      #expect(sees == (word == "yes"), "\(relation)")
      let blocked = maySee(
        post, status: .published, authorIsPrivate: authorIsPrivate,
        viewer: Viewer(relation, isBlocked: true))
      #expect(blocked == (relation == .author), "\(relation), blocked")
      let removed = maySee(
        post, status: .removed, authorIsPrivate: authorIsPrivate, viewer: Viewer(relation))
      #expect(removed == (relation == .author), "\(relation), removed")
    }
  }

  @Test func `the table is whole`() {
    #expect(Self.table.count == Visibility.allCases.count * 2)
    #expect(Self.relations == ViewerRelation.allCases)
    #expect(Self.table.allSatisfy { $0.sees.split(separator: " ").count == 5 })
  }

  @Test func `to be followed alone makes nobody a follower`() {
    #expect(Viewer(follows: false, isFollowed: true, isBlocked: false) == Viewer(.stranger))
    #expect(Viewer(follows: false, isFollowed: false, isBlocked: false) == Viewer(.stranger))
    #expect(Viewer(follows: true, isFollowed: false, isBlocked: false) == Viewer(.follower))
    #expect(Viewer(follows: true, isFollowed: true, isBlocked: true).relation == .friend)
  }

  @Test(arguments: MessagePolicy.allCases, [false, true])
  func `strangers write as the recipient allows`(policy: MessagePolicy, isFollowed: Bool) {
    func may(isBlocked: Bool = false, shareChat: Bool = false) -> Bool {
      mayMessage(
        policy: policy, recipientFollowsSender: isFollowed, isBlocked: isBlocked,
        shareChat: shareChat)
    }
    #expect(may() == (policy == .everyone || (policy == .following && isFollowed)))
    #expect(may(shareChat: true))
    #expect(!may(isBlocked: true))
    #expect(!may(isBlocked: true, shareChat: true))
  }
}
