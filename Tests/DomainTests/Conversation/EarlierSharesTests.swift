import Domain
import Testing

struct EarlierSharesTests {
  /// A post that was shared by 1, 2, 3, …, at positions 10, 20, 30, … as 101, 102, 103, …
  private func post(sharedBy count: UInt64) -> PostState {
    var post = PostState(key: .post(PostID(1)))
    for number in 1...count {
      post.own.shares.append(
        UserID(number), at: Position(number * 10), ShareID(100 + number))
    }
    return post
  }

  @Test func `the sharers before a share are told up to a number of them and not past it`() {
    let post = post(sharedBy: 40)
    #expect(post.shares(before: ShareID(101), by: UserID(1), max: 0) == .by([]))
    let three = (1...3).map { UserID(UInt64($0)) }
    #expect(post.shares(before: ShareID(104), by: UserID(4), max: 3) == .by(three))
    #expect(post.shares(before: ShareID(104), by: UserID(4), max: 2) == .tooMany)
    #expect(post.shareCount == 40 && post.marks(of: UserID(40)) == (false, true))
  }

  @Test func `a share that was taken back is told as such beside that person's next one`() {
    var post = post(sharedBy: 4)
    post.own.shares.remove(UserID(2))
    #expect(post.shares(before: ShareID(102), by: UserID(2), max: 9) == .takenBack)
    #expect(
      post.shares(before: ShareID(104), by: UserID(4), max: 9) == .by([UserID(1), UserID(3)]))
    post.own.shares.append(UserID(2), at: Position(90), ShareID(109))
    #expect(post.shares(before: ShareID(102), by: UserID(2), max: 9) == .takenBack)
    #expect(
      post.shares(before: ShareID(109), by: UserID(2), max: 9)
        == .by([UserID(1), UserID(3), UserID(4)]))
  }

  @Test(arguments: [4, 40] as [UInt64])
  func `the earliest share by some people is found among many and few`(_ count: UInt64) {
    let post = post(sharedBy: count)
    let found = post.earliestShare(by: [UserID(900), UserID(4), UserID(3), UserID(901)])
    #expect(found?.sharer == UserID(3) && found?.share == ShareID(103))
    #expect(post.earliestShare(by: [UserID(900)]) == nil)
    #expect(post.earliestShare(by: []) == nil)
  }

  @Test func `bookmarks are told in the order in which posts are asked about`() {
    var user = UserState(key: .user(UserID(1)))
    let posts = [PostID(3), PostID(1), PostID(2)]
    #expect(user.bookmarkMarks(on: posts).isEmpty)
    user.own.extras.value.bookmarks.append(PostID(1), at: Position(5))
    #expect(user.bookmarkMarks(on: posts) == [false, true, false])
    user.own.extras.value.bookmarks.remove(PostID(1))
    #expect(user.bookmarkMarks(on: posts).isEmpty)
  }
}
