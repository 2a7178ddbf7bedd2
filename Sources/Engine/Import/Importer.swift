internal import Domain
internal import Entities
internal import Journal
internal import Projections

/// Turns a real network and its history into events, through the same rules as commands.
///
/// - Each person signs up as `u<number>` without a password, one-digit numbers with a 0 before, for
///   a username has three characters. All sign-ups, then all follows, one second before the first
///   activity.
/// - Activity follows in the order of its file and at its original times.
///
/// Commits by itself, so the same files and the same randomness give the same blocks.
struct Importer {
  /// 2000-01-01, for follows without any activity under a seed.
  static let seededStart = Instant(ms: 946_684_800_000)

  private let files: ImportFiles
  private let plan: ImportPlan
  private(set) var engine: OfflineEngine
  private var texts: ImportTexts
  private var newest: [PostID?]
  private var users: [UserID] = []
  private var report = ImportReport()

  init(_ files: ImportFiles, plan: ImportPlan, on engine: OfflineEngine) throws {
    self.files = files
    self.plan = plan
    self.engine = engine
    texts = try ImportTexts(path: files.texts)
    newest = Array(repeating: nil, count: plan.people.count)
  }

  /// Writes everything; durable when it returns.
  mutating func run(_ progress: ProgressReport?) throws -> ImportReport {
    report.from = engine.clock.now
    try signUp(progress)
    try follow(progress)
    if let path = files.activity { try act(path, progress) }
    try engine.commit()
    report.events = engine.journal.durable
    report.through = engine.clock.now
    return report
  }

  private mutating func signUp(_ progress: ProgressReport?) throws {
    users.reserveCapacity(plan.people.count)
    for number in plan.people {
      let id = UserID(engine.ids.next())
      let digits = String(number)
      guard let name = Username("u" + (digits.count < 2 ? "0" : "") + digits) else {
        throw Rejection(.invalid, "u\(number) is no username")
      }
      _ = try engine.perform(.signUp(username: name, secret: nil), by: id)
      users.append(id)
      report.people += 1
      tell(progress, "signing up", users.count, plan.people.count, "people")
    }
  }

  private mutating func follow(_ progress: ProgressReport?) throws {
    for (index, follow) in plan.follows.enumerated() {
      let follower = users[Int(follow.follower)]
      let followed = users[Int(follow.followed)]
      do {
        let follow = UserCommand.follow(followed, targetIsPrivate: false)
        if try engine.perform(follow, by: follower).changed {
          report.follows += 1
        } else {
          report.repetitions += 1
        }
      } catch let rejection as Rejection {
        throw ImportError.refused(path: files.follows, number: index + 1, rejection)
      }
      tell(progress, "following", index + 1, plan.follows.count, "follows")
    }
  }

  private mutating func act(_ path: String, _ progress: ProgressReport?) throws {
    var reader = try LineReader(path: path)
    while let line = try reader.next() {
      let activity = try ActivityLine(line, reader)
      engine.clock.set(Instant(ms: activity.seconds * 1_000))
      let actor = plan.index(of: activity.actor)
      let other = plan.index(of: activity.other)
      do {
        switch activity.kind {
        case .share: try share(actor, other)
        case .mention: try mention(actor, other)
        case .reply: try reply(actor, other)
        }
      } catch let rejection as Rejection {
        throw ImportError.refused(path: path, number: reader.number, rejection)
      }
      tell(progress, "importing activity", reader.number, plan.activityLines, "lines")
    }
  }

  // MARK: Activity

  private mutating func share(_ actor: Int, _ author: Int) throws {
    let post = try newestPost(of: author)
    let share = PostCommand.share(ShareID(engine.ids.next()), authorIsPrivate: false)
    if try engine.perform(share, on: post, by: users[actor]).changed {
      report.shares += 1
    } else {
      report.repetitions += 1
    }
  }

  private mutating func mention(_ actor: Int, _ other: Int) throws {
    try publish(texts.mentioning(username(other)), by: actor, replyTo: nil)
    report.mentions += 1
  }

  private mutating func reply(_ actor: Int, _ author: Int) throws {
    let parent = try newestPost(of: author)
    try publish(texts.plain(), by: actor, replyTo: parent)
    report.replies += 1
  }

  private mutating func newestPost(of author: Int) throws -> PostID {
    if let post = newest[author] { return post }
    report.firstPosts += 1
    return try publish(texts.tagged(), by: author, replyTo: nil)
  }

  @discardableResult
  private mutating func publish(
    _ text: String, by author: Int, replyTo parent: PostID?
  ) throws -> PostID {
    let found = try TextScanner.scan(text)
    var facts = PostFacts(author: users[author], visibility: .public, tags: found.tags)
    facts.mentions = found.mentions.compactMap { engine.state.models.people.id(of: $0) }
    if let parent, let answered = engine.state.entities.posts[parent]?.state.facts {
      facts.reply = ReplyReference(
        parent: parent, parentAuthor: answered.author, root: answered.reply?.root ?? parent)
    }
    let post = PostID(engine.ids.next())
    let publish = PostCommand.publish(facts, secret: Secret([.text: text]))
    _ = try engine.perform(publish, on: post, by: users[author])
    newest[author] = post
    return post
  }

  private func username(_ person: Int) throws -> Username {
    guard let name = engine.state.models.people.username(of: users[person]) else {
      preconditionFailure("everyone has signed up")
    }
    return name
  }

  private func tell(
    _ progress: ProgressReport?, _ title: String, _ done: Int, _ total: Int, _ unit: String
  ) {
    guard let progress, done % 4_096 == 0 else { return }
    progress(Progress(title: title, done: UInt64(done), total: UInt64(total), unit: unit))
  }
}
