internal import Domain
internal import Engine
internal import Entities
internal import Journal

/// Writes a made network into a new journal: the operator, everybody's sign-up and profile, all
/// follows, tokens, and a week of posts with likes, shares and replies.
///
/// The events are what the commands would have caused, in the order of their times. Holds the
/// numbers of `FollowPlan` and `FollowerCounts` and an identifier for each person, and the posts.
struct NetworkWriter {
  /// Own events of a person before the first follow.
  private static let eventsBeforeFollows: UInt64 = 2

  let options: NetworkOptions
  let filler: JournalFiller
  let clock = SetClock(NetworkTime.start)
  let ids: IDGenerator
  var people: NetworkPeople
  var plan: FollowPlan
  var texts: NetworkTexts
  private(set) var followers: FollowerCounts
  private(set) var postIDs: [PostID] = []

  /// In a directory that is there and empty.
  init(_ options: NetworkOptions, in directory: String) throws {
    self.options = options
    filler = JournalFiller(
      directory: directory, created: NetworkTime.start, random: SeededRandom(seed: options.seed))
    ids = IDGenerator(clock: clock, node: 0)
    people = NetworkPeople(seed: options.seed, people: options.people)
    plan = try FollowPlan(people: options.people, follows: options.follows, seed: options.seed)
    texts = try NetworkTexts(seed: options.seed, path: options.texts)
    followers = FollowerCounts(people: options.people)
  }

  /// All of it, durable when it returns. Returns who has tokens.
  mutating func write() throws -> TokenHolders {
    try signUpOperator()
    for person in 0..<options.people { try signUp(person) }
    try follow()
    let holders = TokenHolders(options, plan, followers)
    try issueTokens(to: holders)
    var posts = NetworkPosts(self)
    postIDs = try posts.write()
    try filler.finish()
    return holders
  }

  /// The identifier of what happens next, at the time of it.
  func nextID(at time: Instant) -> UInt64 {
    clock.set(time)
    return ids.next()
  }

  // MARK: People

  private func signUpOperator() throws {
    let user = UserID.system
    guard let name = Username("admin") else { preconditionFailure("a username") }
    filler.add(user, key: people.key(of: user))
    try append(.signedUp(username: name, fields: []), 1, by: user, at: NetworkTime.start)
    for (index, scope) in [Scope.admin, .service].enumerated() {
      try issueToken(scope, to: user, sequence: UInt64(index) + 2, at: NetworkTime.start)
    }
  }

  private mutating func signUp(_ person: Int) throws {
    let time = NetworkTime.signUps.time(of: person, of: options.people)
    let user = UserID(nextID(at: time))
    people.add(user)
    let key = people.key(of: user)
    filler.add(user, key: key)
    let account = Secret([
      .name: texts.name(person), .passwordHash: NetworkPeople.passwordHash,
    ])
    let signedUp = UserEvent.signedUp(
      username: people.username(person), fields: account.fieldSet)
    try append(signedUp, 1, by: user, at: time, account, key)
    let bio = Secret([.bio: texts.bio()])
    let changed = UserEvent.profileChanged(isPrivate: nil, messages: nil, fields: bio.fieldSet)
    try append(changed, 2, by: user, at: time, bio, key)
  }

  private mutating func follow() throws {
    var done = 0
    var ranks: [Int] = []
    for person in 0..<options.people {
      let user = people[person]
      plan.draw(person, into: &ranks)
      for (index, rank) in ranks.enumerated() {
        try append(
          .followed(people[Int(plan.byRank[rank])]), Self.eventsBeforeFollows + UInt64(index) + 1,
          by: user, at: NetworkTime.follows.time(of: done, of: options.follows))
        followers.follow(rank: rank, by: person)
        done += 1
      }
    }
  }

  private func append(
    _ event: UserEvent, _ sequence: UInt64, by user: UserID, at time: Instant,
    _ secret: Secret? = nil, _ key: [UInt8]? = nil
  ) throws {
    try filler.append(
      Draft(.user(event), secret: secret), of: .user(user), sequence: sequence, by: user, at: time,
      key: key)
  }

  // MARK: Tokens

  private func issueTokens(to holders: TokenHolders) throws {
    for (index, person) in holders.people.enumerated() {
      let sequence = Self.eventsBeforeFollows + UInt64(plan.following[person]) + 1
      let time = NetworkTime.tokens.time(of: index, of: holders.people.count)
      try issueToken(.write, to: people[person], sequence: sequence, at: time)
    }
  }

  private func issueToken(
    _ scope: Scope, to user: UserID, sequence: UInt64, at time: Instant
  ) throws {
    let token = TokenID(nextID(at: time))
    let hash = blake2b256(Array(people.token(of: user, scope).utf8))
    try append(
      .tokenIssued(token, scope: scope, expires: nil, hash: hash), sequence, by: user, at: time)
  }
}
