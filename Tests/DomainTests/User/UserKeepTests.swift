import Domain
import Testing

struct UserKeepTests {
  @Test func `bookmarks stay in the order of marking and are taken back`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    for post in [9, 3, 5] as [UInt64] {
      #expect(try user.when(.keep(.bookmark(PostID(post)))) == [.bookmarked(PostID(post))])
    }
    #expect(try user.when(.keep(.bookmark(PostID(3)))) == [])
    #expect(Self.bookmarks(of: user.state) == [5, 3, 9])
    #expect(try user.when(.keep(.unbookmark(PostID(3)))) == [.unbookmarked(PostID(3))])
    #expect(try user.when(.keep(.unbookmark(PostID(3)))) == [])
    try user.when(.keep(.bookmark(PostID(3))))
    #expect(Self.bookmarks(of: user.state) == [3, 5, 9])
  }

  /// The newest first.
  private static func bookmarks(of state: UserState) -> [UInt64] {
    var posts: [UInt64] = []
    state.own.extras.value.bookmarks.forEachNewest(before: Position(.max)) {
      posts.append($0.key.raw)
      return true
    }
    return posts
  }

  @Test func `a person keeps a hundred thousand bookmarks and no more`() throws {
    var user = try Bounded()
    for id in 1..<UInt64(UserState.bookmarksMax) { user.fold(.bookmarked(PostID(id))) }
    let last = PostID(UInt64(UserState.bookmarksMax))
    #expect(user.refusal(of: .keep(.bookmark(last))) == nil)
    user.fold(.bookmarked(last))
    #expect(user.refusal(of: .keep(.bookmark(PostID(900_000)))) == .denied)
    #expect(user.refusal(of: .keep(.bookmark(last))) == nil)
  }

  private static func pin(_ post: UInt64, gone: [UInt64] = []) -> UserCommand {
    .keep(.pin(PostID(post), gone: gone.map { PostID($0) }))
  }

  @Test func `five posts are pinned and no more`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    for post in [4, 2, 5, 1, 3] as [UInt64] {
      #expect(try user.when(Self.pin(post)) == [.pinned(PostID(post))])
    }
    #expect(user.state.own.extras.value.pins.map(\.raw) == [4, 2, 5, 1, 3])
    #expect(user.state.own.extras.value.pins.count == UserState.pinsMax)
    #expect(try user.when(Self.pin(5)) == [])
    #expect(user.refusal(of: Self.pin(6)) == .denied)
    #expect(user.refusal(of: Self.pin(6, gone: [8])) == .denied)
    #expect(try user.when(.keep(.unpin(PostID(4)))) == [.unpinned(PostID(4))])
    #expect(try user.when(.keep(.unpin(PostID(4)))) == [])
    try user.when(Self.pin(6))
    #expect(user.state.own.extras.value.pins.map(\.raw) == [2, 5, 1, 3, 6])
  }

  @Test func `pins of deleted posts make room, only where there is none`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    for post in 1...4 as ClosedRange<UInt64> { try user.when(Self.pin(post)) }
    #expect(try user.when(Self.pin(5, gone: [2])) == [.pinned(PostID(5))])
    #expect(
      try user.when(Self.pin(6, gone: [4, 2])) == [.unpinned(PostID(2)), .pinned(PostID(6))])
    #expect(user.state.own.extras.value.pins.map(\.raw) == [1, 3, 4, 5, 6])
  }

  @Test func `hashtags are followed once, in order`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    let (higgs, cern) = (Hashtag(folded: "higgs"), Hashtag(folded: "cern"))
    #expect(try user.when(.keep(.followTag(higgs))) == [.tagFollowed(higgs)])
    #expect(try user.when(.keep(.followTag(cern))) == [.tagFollowed(cern)])
    #expect(try user.when(.keep(.followTag(higgs))) == [])
    #expect(user.state.own.extras.value.tags.map(\.tag) == [higgs, cern])
    #expect(user.state.own.extras.value.tags.map(\.position) == [Position(2), Position(3)])
    #expect(try user.when(.keep(.unfollowTag(higgs))) == [.tagUnfollowed(higgs)])
    #expect(try user.when(.keep(.unfollowTag(higgs))) == [])
    #expect(!user.state.isFollowing(higgs) && user.state.isFollowing(cern))
  }

  @Test func `a person follows a thousand hashtags and no more`() throws {
    var user = try Bounded()
    for id in 1..<UserState.followedTagsMax { user.fold(.tagFollowed(Hashtag(folded: "t\(id)"))) }
    #expect(user.refusal(of: .keep(.followTag(Hashtag(folded: "last")))) == nil)
    user.fold(.tagFollowed(Hashtag(folded: "last")))
    #expect(user.refusal(of: .keep(.followTag(Hashtag(folded: "more")))) == .denied)
    #expect(user.refusal(of: .keep(.followTag(Hashtag(folded: "last")))) == nil)
  }

  @Test func `nobody keeps anything for another`() throws {
    let user = try Scenario<UserState>.signedUp(anna)
    #expect(user.refusal(of: .keep(.bookmark(PostID(1))), by: bert) == .denied)
    #expect(user.refusal(of: UserListTests.make(1), by: bert) == .denied)
  }
}
