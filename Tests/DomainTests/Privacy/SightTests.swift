import Domain
import Testing

/// The whole table of who sees what, from docs/decisions/0010: statuses into what they ask, and
/// what they ask into whom it admits.
struct SightTests {
  /// For each status: who sees the post whatever its visibility, and what the others whom its
  /// visibility admits are told.
  enum Rule {
    case nobody
    case authorAlone
    /// The author, and moderators unless it is private.
    case authorAndModerators
    /// Whom its visibility admits, and moderators unless it is private.
    case admitted(Sight)
  }

  static let rules: [(PostStatus, Rule)] = [
    (.draft, .authorAlone), (.scheduled, .authorAlone), (.published, .admitted(.seen)),
    (.underReview, .authorAndModerators), (.removed, .authorAndModerators), (.deleted, .nobody),
    (.expired, .admitted(.gone)), (.erased, .admitted(.gone)),
  ]

  /// Whom a visibility admits, in the order of `ViewerRelation.allCases` (anonymous, stranger,
  /// follower, friend, author), the author's account being open or private.
  static let admitted: [(Visibility, open: [Int], private: [Int])] = [
    (.public, [1, 1, 1, 1, 1], [0, 0, 1, 1, 1]),
    (.followers, [0, 0, 1, 1, 1], [0, 0, 1, 1, 1]),
    (.friends, [0, 0, 0, 1, 1], [0, 0, 0, 1, 1]),
    (.private, [0, 0, 0, 0, 1], [0, 0, 0, 0, 1]),
  ]

  static func expected(
    _ rule: Rule, admits: Bool, isAuthor: Bool, isBlocked: Bool, looksAsModerator: Bool
  ) -> Sight {
    switch rule {
    case .nobody: return .hidden
    case .authorAlone: return isAuthor ? .seen : .hidden
    case .authorAndModerators: return isAuthor || looksAsModerator ? .seen : .hidden
    case .admitted(let sight):
      if isAuthor || looksAsModerator { return sight }
      return admits && !isBlocked ? sight : .hidden
    }
  }

  @Test(arguments: rules.indices, admitted.indices)
  func `who sees what`(rule: Int, row: Int) {
    let (status, rule) = Self.rules[rule]
    let (visibility, open, closed) = Self.admitted[row]
    let post = PostFacts(author: anna, visibility: visibility)
    for isPrivate in [false, true] {
      for (index, relation) in ViewerRelation.allCases.enumerated() {
        for isBlocked in [false, true] {
          for isModerator in [false, true] {
            let found = sight(
              of: post, status: status, authorIsPrivate: isPrivate,
              viewer: Viewer(relation, isBlocked: isBlocked, isModerator: isModerator))
            let expected = Self.expected(
              rule, admits: (isPrivate ? closed : open)[index] == 1, isAuthor: relation == .author,
              isBlocked: isBlocked, looksAsModerator: isModerator && visibility != .private)
            #expect(
              found == expected,
              "\(relation), private \(isPrivate), blocked \(isBlocked), moderator \(isModerator)")
            let may = maySee(
              post, status: status, authorIsPrivate: isPrivate,
              viewer: Viewer(relation, isBlocked: isBlocked, isModerator: isModerator))
            #expect(may == (expected == .seen))
          }
        }
      }
    }
  }

  @Test func `the tables are whole`() {
    #expect(Self.rules.map(\.0) == PostStatus.allCases)
    #expect(Self.admitted.map(\.0) == Visibility.allCases)
    #expect(ViewerRelation.allCases == [.anonymous, .stranger, .follower, .friend, .author])
  }

  @Test(arguments: PostStatus.allCases, [false, true])
  func `lists hold what is published, but no stories`(status: PostStatus, isStory: Bool) {
    let post = PostFacts(author: anna, visibility: .public, isStory: isStory)
    #expect(isListed(post, status: status) == (status == .published && !isStory))
  }
}
