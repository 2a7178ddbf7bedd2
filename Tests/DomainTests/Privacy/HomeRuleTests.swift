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
    status: PostStatus = .published, basis: HomeBasis = .following(tags: []),
    _ relations: Relations
  ) -> Bool {
    homeAdmits(
      post, status: status, authorIsPrivate: authorIsPrivate, sharer: sharer, viewer: viewer,
      basis: basis, relations: relations)
  }

  static func post(
    _ author: UserID, _ visibility: Visibility = .public, answering: UserID? = nil,
    tags: [String] = [], mentions: [UserID] = []
  ) -> PostFacts {
    let parent = PostID(1)
    return PostFacts(
      author: author, visibility: visibility,
      reply: answering.map { ReplyReference(parent: parent, parentAuthor: $0, root: parent) },
      tags: tags.map { Hashtag(folded: $0) }, mentions: mentions)
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

  static let cern = HomeBasis.following(tags: [Hashtag(folded: "cern")])

  @Test func `a followed hashtag brings public posts that answer nobody else`() {
    func admits(_ post: PostFacts, _ relations: Relations = Relations()) -> Bool {
      Self.admits(post, basis: Self.cern, relations)
    }
    #expect(admits(Self.post(bert, tags: ["lhc", "cern"])))
    #expect(!admits(Self.post(bert, tags: ["lhc"])))
    #expect(!admits(Self.post(bert)))
    #expect(admits(Self.post(bert, answering: bert, tags: ["cern"])))
    #expect(!admits(Self.post(bert, answering: carl, tags: ["cern"])))
    #expect(!admits(Self.post(bert, answering: Self.viewer, tags: ["cern"])))
    for visibility in [Visibility.followers, .friends, .private] {
      #expect(!admits(Self.post(bert, visibility, tags: ["cern"])))
    }
    #expect(!admits(Self.post(bert, tags: ["cern"]), Relations(muted: [bert])))
    #expect(!admits(Self.post(bert, tags: ["cern"]), Relations(blocked: [bert])))
    #expect(!admits(Self.post(bert, tags: ["cern"], mentions: [carl]), Relations(muted: [carl])))
  }

  @Test func `a private account's posts do not come in by their hashtags`() {
    let post = Self.post(bert, tags: ["cern"])
    #expect(!Self.admits(post, authorIsPrivate: true, basis: Self.cern, Relations()))
    let follows = Relations(follows: [bert])
    #expect(Self.admits(post, authorIsPrivate: true, basis: Self.cern, follows))
    // Nor does a followed hashtag make anybody a sharer.
    #expect(!Self.admits(post, sharer: bert, basis: Self.cern, Relations()))
  }

  @Test func `a list has what its members put out, followed or not`() {
    let list = HomeBasis.members([anna, carl])
    func admits(
      _ post: PostFacts, sharer: UserID? = nil, _ relations: Relations = Relations()
    ) -> Bool {
      Self.admits(post, sharer: sharer, basis: list, relations)
    }
    #expect(admits(Self.post(anna)))
    #expect(!admits(Self.post(bert), Relations(follows: [bert])))
    #expect(admits(Self.post(anna, answering: anna)))
    #expect(admits(Self.post(anna, answering: carl)))
    #expect(!admits(Self.post(anna, answering: bert), Relations(follows: [bert])))
    #expect(!admits(Self.post(anna, answering: Self.viewer)))
    #expect(!admits(Self.post(bert, answering: anna)))
    #expect(admits(Self.post(bert), sharer: anna))
    #expect(!admits(Self.post(anna), sharer: bert, Relations(follows: [bert])))
  }

  @Test func `what a list shows follows the real relations`() {
    let list = HomeBasis.members([anna])
    func admits(_ visibility: Visibility, isPrivate: Bool = false, _ relations: Relations) -> Bool {
      Self.admits(
        Self.post(anna, visibility), authorIsPrivate: isPrivate, basis: list, relations)
    }
    let follower = Relations(follows: [anna])
    let friend = Relations(follows: [anna], followers: [anna])
    #expect(!admits(.public, isPrivate: true, Relations()))
    #expect(admits(.public, isPrivate: true, follower))
    #expect(!admits(.followers, Relations()) && admits(.followers, follower))
    #expect(!admits(.friends, follower) && admits(.friends, friend))
    #expect(!admits(.private, friend))
    #expect(!admits(.public, Relations(muted: [anna])))
    #expect(!admits(.public, Relations(blocked: [anna])))
    let shared = Self.post(bert)
    #expect(!Self.admits(shared, sharer: anna, basis: list, Relations(muted: [anna])))
    #expect(!Self.admits(shared, sharer: anna, basis: list, Relations(muted: [bert])))
    let mention = Self.post(anna, mentions: [bert])
    #expect(!Self.admits(mention, basis: list, Relations(muted: [bert])))
  }

  @Test func `I am in a list of mine only as a member`() {
    let without = HomeBasis.members([anna])
    let with = HomeBasis.members([Self.viewer])
    #expect(!Self.admits(Self.post(Self.viewer), basis: without, Relations()))
    #expect(!Self.admits(Self.post(bert), sharer: Self.viewer, basis: without, Relations()))
    #expect(Self.admits(Self.post(Self.viewer, .private), basis: with, Relations()))
    #expect(Self.admits(Self.post(bert), sharer: Self.viewer, basis: with, Relations()))
    #expect(Self.admits(Self.post(Self.viewer), sharer: Self.viewer, basis: with, Relations()))
    #expect(!Self.admits(Self.post(anna, answering: Self.viewer), basis: without, Relations()))
  }
}
