/// Who gets a token, so that a load client can be them: popular accounts of each size, for each its
/// first, a middle and its last follower, and people at random.
struct TokenHolders {
  /// The sizes, in followers.
  static let classes = [100, 1_000, 10_000, 100_000, 1_000_000]
  static let accountsPerClassMax = 8

  /// A popular account.
  struct Account {
    var person: Int
    var followers: Int
    var firstFollower: Int
    var middleFollower: Int
    var lastFollower: Int
  }

  /// By class, the nearest first; without the classes of which there is none.
  private(set) var accounts: [(followers: Int, accounts: [Account])] = []
  /// The most popular.
  let largest: Account
  /// Everybody with a token, each once, ascending.
  private(set) var people: [Int] = []
  /// Those at random among them.
  private(set) var sample: [Int] = []

  init(_ options: NetworkOptions, _ plan: FollowPlan, _ followers: FollowerCounts) {
    func account(_ rank: Int) -> Account {
      Account(
        person: Int(plan.byRank[rank]), followers: Int(followers.counts[rank]),
        firstFollower: Int(followers.first[rank]), middleFollower: Int(followers.middle[rank]),
        lastFollower: Int(followers.last[rank]))
    }
    largest = account(
      followers.counts.indices.max { followers.counts[$0] < followers.counts[$1] } ?? 0)
    for size in Self.classes {
      let ranks = followers.ranks(near: size, max: Self.accountsPerClassMax)
      if !ranks.isEmpty { accounts.append((size, ranks.map(account))) }
    }
    var all = Set<Int>()
    for account in accounts.flatMap(\.accounts) + [largest] {
      all.formUnion([
        account.person, account.firstFollower, account.middleFollower, account.lastFollower,
      ])
    }
    var random = SplitMix(seed: options.seed, stream: 0x704E)
    var taken = Set<Int>()
    while taken.count < min(options.tokens, options.people) {
      let person = random.below(options.people)
      if taken.insert(person).inserted { sample.append(person) }
    }
    people = all.union(taken).sorted()
  }
}
