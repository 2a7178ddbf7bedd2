import Domain
import Testing

struct HomeRuleTests {
  /// What `viewer` is to others.
  struct Relations: HomeRelations {
    var follows: Set<UserID> = []
    var followers: Set<UserID> = []
    var blocked: Set<UserID> = []
    var muted: Set<UserID> = []

    func follows(_ other: UserID) -> Bool { ask(other, follows) }
    func isFollowed(by other: UserID) -> Bool { ask(other, followers) }
    func isBlocked(_ other: UserID) -> Bool { ask(other, blocked) }
    func isMuted(_ other: UserID) -> Bool { ask(other, muted) }

    private func ask(_ other: UserID, _ set: Set<UserID>) -> Bool {
      precondition(other != viewer, "asked about the viewer themself")
      return set.contains(other)
    }
  }

  static let viewer = UserID(1_000)

  static func admits(
    _ post: PostFacts, sharer: UserID? = nil, authorIsPrivate: Bool = false,
    status: PostStatus = .published, _ relations: Relations
  ) -> Bool {
    homeAdmits(
      post, status: status, authorIsPrivate: authorIsPrivate, sharer: sharer, viewer: viewer,
      relations: relations)
  }

  static func post(
    _ author: UserID, _ visibility: Visibility = .public, answering: UserID? = nil,
    mentions: [UserID] = []
  ) -> PostFacts {
    let parent = PostID(1)
    return PostFacts(
      author: author, visibility: visibility,
      reply: answering.map { ReplyReference(parent: parent, parentAuthor: $0, root: parent) },
      mentions: mentions)
  }

  @Test func `home holds my posts and those of whom I follow`() {
    #expect(Self.admits(Self.post(Self.viewer), Relations()))
    #expect(Self.admits(Self.post(Self.viewer, .private), Relations()))
    #expect(Self.admits(Self.post(anna), Relations(follows: [anna])))
    #expect(!Self.admits(Self.post(anna), Relations()))
    #expect(!Self.admits(Self.post(anna), Relations(followers: [anna])))
  }

  @Test func `replies need a followed, an own or the viewer's parent`() {
    let follows = Relations(follows: [anna])
    #expect(!Self.admits(Self.post(anna, answering: bert), follows))
    #expect(Self.admits(Self.post(anna, answering: bert), Relations(follows: [anna, bert])))
    #expect(Self.admits(Self.post(anna, answering: anna), follows))
    #expect(Self.admits(Self.post(anna, answering: Self.viewer), follows))
    #expect(!Self.admits(Self.post(bert, answering: anna), follows))
    #expect(!Self.admits(Self.post(Self.viewer, answering: bert), follows))
    #expect(Self.admits(Self.post(Self.viewer, answering: anna), follows))
    #expect(Self.admits(Self.post(Self.viewer, answering: Self.viewer), follows))
  }

  @Test func `shares come from those I follow, of any post that I may see`() {
    let follows = Relations(follows: [anna])
    #expect(Self.admits(Self.post(bert), sharer: anna, follows))
    #expect(Self.admits(Self.post(bert, answering: carl), sharer: anna, follows))
    #expect(Self.admits(Self.post(anna), sharer: anna, follows))
    #expect(Self.admits(Self.post(Self.viewer), sharer: anna, follows))
    #expect(!Self.admits(Self.post(anna), sharer: bert, follows))
    #expect(!Self.admits(Self.post(anna), sharer: Self.viewer, follows))
    #expect(!Self.admits(Self.post(bert, .followers), sharer: anna, follows))
    #expect(!Self.admits(Self.post(bert), sharer: anna, authorIsPrivate: true, follows))
    let both = Relations(follows: [anna, bert])
    #expect(Self.admits(Self.post(bert), sharer: anna, authorIsPrivate: true, both))
  }

  @Test func `friends' posts need the author to follow back`() {
    #expect(!Self.admits(Self.post(anna, .friends), Relations(follows: [anna])))
    let friends = Relations(follows: [anna], followers: [anna])
    #expect(Self.admits(Self.post(anna, .friends), friends))
    #expect(!Self.admits(Self.post(anna, .private), friends))
    #expect(Self.admits(Self.post(anna, .followers), Relations(follows: [anna])))
  }

  @Test func `nothing removed`() {
    #expect(!Self.admits(Self.post(anna), status: .deleted, Relations(follows: [anna])))
    #expect(!Self.admits(Self.post(Self.viewer), status: .deleted, Relations()))
    #expect(
      !Self.admits(Self.post(bert), sharer: anna, status: .deleted, Relations(follows: [anna])))
  }

  @Test(arguments: [anna, bert, carl])
  func `nobody blocked or muted as author, sharer or mentioned`(hidden: UserID) {
    let shared = Self.post(bert, mentions: [Self.viewer, carl])
    let posted = Self.post(anna, mentions: [Self.viewer, carl])
    var relations = Relations(follows: [anna, bert])
    #expect(Self.admits(shared, sharer: anna, relations))
    relations.blocked = [hidden]
    #expect(!Self.admits(shared, sharer: anna, relations))
    #expect(Self.admits(posted, relations) == (hidden == bert))
    relations.blocked = []
    relations.muted = [hidden]
    #expect(!Self.admits(shared, sharer: anna, relations))
    #expect(Self.admits(posted, relations) == (hidden == bert))
  }

  @Test func `my own post that mentions somebody hidden is no exception`() {
    let post = Self.post(Self.viewer, mentions: [bert])
    #expect(Self.admits(post, Relations()))
    #expect(!Self.admits(post, Relations(muted: [bert])))
    #expect(!Self.admits(post, Relations(blocked: [bert])))
  }
}
