import Domain
import Engine
import Entities
import Journal
import Projections
import Testing

@testable import roost_bench

@Suite struct NetworkTests {
  private let directory = TemporaryDirectory()

  private func options(_ name: String = "net", seed: UInt64 = 1) -> NetworkOptions {
    var options = NetworkOptions(directory: directory.file(name))
    options.people = 150
    options.follows = 2_000
    options.posts = 120
    options.likes = 500
    options.shares = 100
    options.tokens = 12
    options.seed = seed
    return options
  }

  @Test func `verify finds nothing wrong in a made network`() throws {
    let options = options()
    let report = try Network.make(options)
    let verification = try Verification.verify(
      directory: options.directory, Verification.Options())
    #expect(verification.problems.isEmpty)
    #expect(verification.position == Position(report.events))
  }

  @Test func `what was asked for is there`() throws {
    let options = options()
    let report = try Network.make(options)
    let reader = try JournalReader(directory: options.directory)
    var refold = Refold()
    try refold.run(reader)
    let users = refold.entities.users.values.filter { $0.state.id != .system }
    #expect(users.count == options.people)
    #expect(users.reduce(0) { $0 + $1.state.own.follows.count } == options.follows)
    #expect(users.allSatisfy { $0.state.own.texts.bio > .zero && $0.state.own.texts.name > .zero })
    let posts = refold.entities.posts.values
    #expect(posts.count { $0.state.own.facts != nil } == options.posts)
    #expect(posts.reduce(0) { $0 + $1.state.own.likes.count } == options.likes)
    #expect(posts.reduce(0) { $0 + $1.state.own.shares.count } == options.shares)
    #expect(posts.contains { $0.state.own.facts?.reply != nil })
    #expect(posts.contains { $0.state.own.facts?.tags.isEmpty == false })
    #expect(posts.contains { $0.state.own.facts?.mentions.isEmpty == false })
    #expect(refold.position == Position(report.events))
  }

  @Test func `every event is what its command would have caused`() throws {
    let options = options()
    _ = try Network.make(options)
    let reader = try JournalReader(directory: options.directory)
    var cursor = reader.cursor(after: .zero)
    var refold = Refold()
    var time = Instant(ms: .min)
    while case let records = try cursor.next(), !records.isEmpty {
      for record in records {
        var secret: Secret?
        if case .text(let text) = try reader.secret(at: record.position) { secret = text }
        let drafts = try Commands(refold.entities).decide(record, secret)
        #expect(drafts == [Draft(record.event, secret: secret)], "\(record.position)")
        #expect(record.time >= time)
        time = record.time
        try refold.fold(record)
      }
    }
  }

  @Test func `hashtags and mentions are those of the text`() throws {
    let options = options()
    _ = try Network.make(options)
    let reader = try JournalReader(directory: options.directory)
    var refold = Refold()
    try refold.run(reader)
    for post in refold.entities.posts.values {
      let facts = try #require(post.state.own.facts)
      guard case .text(let secret) = try reader.secret(at: post.state.own.textPosition) else {
        Issue.record("a post without text")
        continue
      }
      let found = try TextScanner.scan(try #require(secret[.text]))
      #expect(facts.tags == found.tags)
      #expect(facts.mentions == found.mentions.compactMap { refold.models.people.id(of: $0) })
    }
  }

  @Test func `the same options make the same journal, and another seed another`() throws {
    var hashes: [[UInt8]] = []
    for (name, seed) in [("a", UInt64(1)), ("b", 1), ("c", 2)] {
      _ = try Network.make(options(name, seed: seed))
      hashes.append(try JournalReader(directory: directory.file(name)).head().hash)
    }
    #expect(hashes[0] == hashes[1])
    #expect(hashes[0] != hashes[2])
  }

  @Test func `the tokens that are written down are those that were issued`() throws {
    let options = options()
    let report = try Network.make(options)
    let tokens = try Tokens(path: report.tokensFile)
    let reader = try JournalReader(directory: options.directory)
    let index = TokenIndex()
    var names: [UserID: Username] = [:]
    var cursor = reader.cursor(after: .zero)
    while case let records = try cursor.next(), !records.isEmpty {
      for record in records {
        index.fold(record)
        if case .user(.signedUp(let name, _)) = record.event { names[record.actor] = name }
      }
    }
    func holder(_ token: String) throws -> TokenHolder {
      let found = index.holder(of: blake2b256(Array(token.utf8)), at: NetworkTime.posts.end)
      guard let found else { throw BenchError("nobody has this token") }
      return found
    }
    #expect(try holder(tokens.admin).scope == .admin)
    #expect(try holder(tokens.service).scope == .service)
    #expect(tokens.people.count == options.tokens)
    var people = tokens.people
    for account in tokens.classes.values.flatMap({ $0 }) + [tokens.largest] {
      people += [
        account.person, account.firstFollower, account.middleFollower, account.lastFollower,
      ]
    }
    for person in people {
      let holder = try holder(person.token)
      #expect(holder.scope == .write && names[holder.user]?.text == person.username)
    }
    #expect(tokens.posts.count == options.posts)
    #expect(tokens.largest.followers == Int(report.largestAccount))
  }

  @Test func `the password of everybody fits`() {
    #expect(Argon2id.fits(NetworkPeople.password, NetworkPeople.passwordHash))
  }

  @Test func `a directory that holds something is left as it is`() throws {
    _ = try Network.make(options())
    #expect(throws: BackupError.self) { _ = try Network.make(options()) }
  }

  @Test func `a network that cannot be is refused`() {
    for change in [
      { $0.people = 1 }, { $0.posts = 0 }, { $0.likes = $0.posts * $0.people / 2 + 1 },
      { $0.tokens = NetworkOptions.tokensMax + 1 }, { $0.people = NetworkOptions.peopleMax + 1 },
      { $0.posts = NetworkOptions.postsMax + 1 },
    ] as [(inout NetworkOptions) -> Void] {
      var options = options()
      change(&options)
      #expect(throws: BenchError.self) { try options.check() }
    }
    for change in [
      { $0.likes = $0.posts * $0.people / 2 }, { $0.tokens = NetworkOptions.tokensMax },
      { $0.people = NetworkOptions.peopleMax }, { $0.posts = NetworkOptions.postsMax },
    ] as [(inout NetworkOptions) -> Void] {
      var options = options()
      change(&options)
      #expect(throws: Never.self) { try options.check() }
    }
  }
}

/// The commands that cause what a made network holds.
private struct Commands {
  private let entities: EntityStates

  init(_ entities: EntityStates) { self.entities = entities }

  func decide(_ record: Record, _ secret: Secret?) throws -> [Draft] {
    switch (record.entity, record.event) {
    case (.user(let user), .user(let event)):
      let state = entities.users[user]?.state ?? UserState(key: record.entity)
      #expect(record.sequence == state.sequence + 1)
      let command = try #require(self.command(event, secret))
      return try state.decide(command, by: record.actor, at: record.time).drafts
    case (.post(let post), .post(let event)):
      let state = entities.posts[post]?.state ?? PostState(key: record.entity)
      #expect(record.sequence == state.sequence + 1)
      let command = try #require(self.command(event, secret))
      return try state.decide(command, by: record.actor, at: record.time).drafts
    default:
      Issue.record("\(record.entity) is none of a made network's")
      return []
    }
  }

  private func command(_ event: UserEvent, _ secret: Secret?) -> UserCommand? {
    switch event {
    case .signedUp(let username, _): return .signUp(username: username, secret: secret)
    case .profileChanged(let isPrivate, let messages, _):
      return .changeProfile(isPrivate: isPrivate, messages: messages, secret: secret)
    case .followed(let other):
      #expect(entities.users[other] != nil, "nobody follows who has not signed up")
      return .follow(other, targetIsPrivate: false)
    case .tokenIssued(let token, let scope, let expires, let hash):
      return .issueToken(
        token, scope: scope, expires: expires, hash: hash, secret: secret, granted: .admin)
    default: return nil
    }
  }

  private func command(_ event: PostEvent, _ secret: Secret?) -> PostCommand? {
    switch event {
    case .published(let facts):
      if let reply = facts.reply {
        let parent = entities.posts[reply.parent]?.state.own.facts
        #expect(parent?.author == reply.parentAuthor)
        #expect(reply.root == parent?.reply?.root ?? reply.parent)
      }
      return secret.map { .publish(facts, secret: $0) }
    case .liked: return .like
    case .shared(let share, _): return .share(share, authorIsPrivate: false)
    default: return nil
    }
  }
}
