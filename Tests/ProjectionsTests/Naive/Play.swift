import Domain

/// A small town that lives at random: writes records as the entities would decide them, and a few
/// that only races bring about.
struct Play {
  private(set) var town = NaiveTown()
  private(set) var records: [Record] = []
  var random: SplitMix
  private(set) var now: Int64 = 1_700_000_000_000
  private var sequences: [EntityKey: UInt64] = [:]
  private var ids: Set<UInt64> = []
  private var idClock: UInt64 = 1_000_000

  static let tags = ["higgs", "cern", "lhc"].map { Tag(folded: $0) }

  init(seed: UInt64, peopleCount: Int) {
    random = SplitMix(seed: seed)
    for number in 1...peopleCount {
      let user = UserID(newID())
      emit(
        .user(.signedUp(username: Username("person\(number)")!, fields: [])), by: user, .user(user))
    }
  }

  /// Unique, below 2^63, and mostly but not always ascending: as of several shards.
  mutating func newID() -> UInt64 {
    idClock += 10
    var id = idClock
    if random.once(in: 4) { id -= UInt64.random(in: 1...60, using: &random) }
    while !ids.insert(id).inserted { id += 1 }
    return id
  }

  mutating func emit(_ event: Event, by actor: UserID, _ entity: EntityKey) {
    now += Int64.random(in: 0...120_000, using: &random)
    if random.once(in: 150) { now += Int64.random(in: 0...100_000_000, using: &random) }
    let sequence = sequences[entity, default: 0] + 1
    sequences[entity] = sequence
    let record = Record(
      position: Position(UInt64(records.count + 1)), time: Instant(ms: now), actor: actor,
      entity: entity, sequence: sequence, event: event, hasSecret: false)
    records.append(record)
    town.apply(record)
  }

  var someone: UserID { mutating get { random.pick(town.people)! } }

  /// One thing happens, or nothing where it would be refused.
  mutating func step() {
    let actor = someone
    if random.once(in: 4) { return live(by: actor) }
    let other = someone
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<28: publish(by: actor)
    case 28..<34: delete(by: actor)
    case 34..<46: like(by: actor)
    case 46..<58: share(by: actor)
    case 58..<82: if actor != other { relate(actor, other) }
    case 82..<84: setPrivate(actor)
    case 84: follow(Self.tags, actor)
    case 90..<92: keepLists(actor)
    case 92: report(by: actor, about: other)
    case 93: if random.once(in: 2) { tellStory(by: actor) } else { draft(by: actor) }
    case 85..<90: readInbox(actor)
    default: chat(by: actor)
    }
  }

  /// Something that only adds to what can be read.
  mutating func add() {
    let actor = someone
    if random.once(in: 3) { share(by: actor, isNew: true) } else { publish(by: actor) }
  }

  // MARK: Posts

  private mutating func visiblePost(to viewer: UserID) -> NaiveTown.Post? {
    let seen = town.posts.suffix(60).filter { $0.isListed && town.canSee(viewer, $0.facts) }
    return random.pick(seen)
  }

  mutating func publish(by actor: UserID) {
    let facts = facts(by: actor)
    emit(.post(.published(facts)), by: actor, .post(PostID(newID())))
  }

  mutating func facts(by actor: UserID) -> PostFacts {
    var facts = PostFacts(author: actor, visibility: .public)
    if random.once(in: 3) { facts.visibility = random.pick(Visibility.allCases)! }
    if random.once(in: 3), let parent = visiblePost(to: actor) {
      facts.reply = ReplyReference(
        parent: parent.id, parentAuthor: parent.facts.author,
        root: parent.facts.reply?.root ?? parent.id)
    }
    if random.once(in: 8), let quoted = visiblePost(to: actor) {
      facts.quote = QuoteReference(post: quoted.id, author: quoted.facts.author)
    }
    for tag in Self.tags where random.once(in: 3) { facts.tags.append(tag) }
    while random.once(in: 3) {
      let mention = someone
      if !facts.mentions.contains(mention) { facts.mentions.append(mention) }
    }
    return facts
  }

  private mutating func tellStory(by actor: UserID) {
    let story = PostFacts(author: actor, visibility: .public, isStory: true)
    emit(.post(.published(story)), by: actor, .post(PostID(newID())))
  }

  private mutating func draft(by actor: UserID) {
    let draft = PostFacts(author: actor, visibility: .public)
    emit(.post(.drafted(draft, scheduled: nil)), by: actor, .post(PostID(newID())))
  }

  private mutating func delete(by actor: UserID) {
    let own = town.posts.filter { $0.facts.author == actor && $0.status == .published }
    guard let post = random.pick(own) else { return }
    emit(.post(.deleted(post.facts)), by: actor, .post(post.id))
  }

  private mutating func like(by actor: UserID) {
    guard let post = visiblePost(to: actor) else { return }
    let mark = NaiveTown.Share(id: ShareID(0), post: post.id, sharer: actor)
    let author = post.facts.author
    let event =
      town.likes.contains(mark) ? PostEvent.unliked(author: author) : .liked(author: author)
    emit(.post(event), by: actor, .post(post.id))
  }

  private mutating func share(by actor: UserID, isNew: Bool = false) {
    guard let post = visiblePost(to: actor) else { return }
    let author = post.facts.author
    let old = town.shares.first { $0.post == post.id && $0.sharer == actor }
    if let old {
      if !isNew { emit(.post(.unshared(old.id, author: author)), by: actor, .post(post.id)) }
      return
    }
    let isOpen = post.facts.visibility == .public && !town.privates.contains(author)
    guard isOpen || author == actor else { return }
    let share = ShareID(newID())
    emit(.post(.shared(share, author: author)), by: actor, .post(post.id))
  }

  // MARK: People

  mutating func relate(_ actor: UserID, _ other: UserID) {
    let pair = NaiveTown.Pair(from: actor, to: other)
    let back = NaiveTown.Pair(from: other, to: actor)
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<9:
      // Now and then decided before the other's block was seen, or a request's acceptance.
      let isRace = random.once(in: 8)
      guard isRace || !(town.blockedEitherWay(actor, other) || town.follows.contains(pair)) else {
        return
      }
      guard !town.blocks.contains(pair) else { return }
      let isPrivate = town.privates.contains(other)
      emit(.user(isPrivate ? .followRequested(other) : .followed(other)), by: actor, .user(actor))
    case 9..<11:
      if town.follows.contains(pair) { emit(.user(.unfollowed(other)), by: actor, .user(actor)) }
    case 11:
      if town.requests.contains(pair) {
        emit(.user(.followRequestWithdrawn(other)), by: actor, .user(actor))
      }
    case 12..<15:
      if town.requests.contains(back) || random.once(in: 20) {
        let event = random.once(in: 4) ? UserEvent.followRejected(other) : .followAccepted(other)
        emit(.user(event), by: actor, .user(actor))
      }
    case 15:
      if !town.blocks.contains(pair) { emit(.user(.blocked(other)), by: actor, .user(actor)) }
    case 16, 17:
      if town.blocks.contains(pair) { emit(.user(.unblocked(other)), by: actor, .user(actor)) }
    case 18:
      if !town.mutes.contains(pair) { emit(.user(.muted(other)), by: actor, .user(actor)) }
    default:
      if town.mutes.contains(pair) { emit(.user(.unmuted(other)), by: actor, .user(actor)) }
    }
  }

  private mutating func setPrivate(_ actor: UserID) {
    let isPrivate = !town.privates.contains(actor) && random.once(in: 2)
    emit(
      .user(.profileChanged(isPrivate: isPrivate, messages: nil, fields: [])), by: actor,
      .user(actor))
  }

  private mutating func readInbox(_ actor: UserID) {
    let lines = town.inbox(actor)
    guard let line = random.pick(lines) else { return }
    let event: UserEvent =
      switch Int.random(in: 0..<3, using: &random) {
      case 0: .inboxRead(through: Position(UInt64(records.count)))
      case 1: .inboxRead(through: Position(line.id))
      default: .inboxItemRead(Position(line.id))
      }
    emit(.user(event), by: actor, .user(actor))
  }

  // MARK: Chats

  private mutating func chat(by actor: UserID) {
    let known = town.chats.filter { $0.changes.contains { $0.user == actor } }
    guard known.count > 2 || random.once(in: 3), let chat = random.pick(known) else {
      guard town.chats.count < 40 else { return }
      let others = town.people.filter { $0 != actor }.shuffled(using: &random)
      let members = [actor] + others.prefix(Int.random(in: 1...3, using: &random))
      let id = ChatID(newID())
      let isDirect = members.count == 2 && random.once(in: 2)
      emit(.chat(.opened(isDirect: isDirect, members: members)), by: actor, .chat(id))
      return
    }
    let seen = random.pick(chat.visible(to: actor))?.id
    if random.once(in: 3), let seen {
      return emit(.chat(.read(through: seen)), by: actor, .chat(chat.id))
    }
    guard chat.isIn(actor) else { return }
    switch Int.random(in: 0..<12, using: &random) {
    case 0..<8:
      // In one chat, ids ascend.
      idClock += 100
      emit(.chat(.said(MessageID(newID()), reply: nil, media: [])), by: actor, .chat(chat.id))
    default:
      changeMembers(of: chat, by: actor, seen)
    }
  }

  /// Direct chats too: the lists do not know them from groups.
  private mutating func changeMembers(
    of chat: NaiveTown.Chat, by actor: UserID, _ seen: MessageID?
  ) {
    let event: ChatEvent
    switch Int.random(in: 0..<10, using: &random) {
    case 0: event = .left
    case 1: event = .removed(random.pick(chat.members)!)
    case 2..<8:
      let others = town.people.filter { !chat.isIn($0) }.shuffled(using: &random)
      let joining = others.prefix(Int.random(in: 1...2, using: &random))
      guard !joining.isEmpty else { return }
      event = .added(Array(joining))
    case 8:
      guard let seen else { return }
      event = .unsaid(seen)
    default:
      event = random.once(in: 2) ? .titled : .roleChanged(actor, isAdmin: true)
    }
    emit(.chat(event), by: actor, .chat(chat.id))
  }
}
