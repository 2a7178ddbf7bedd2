import Domain
import Entities
import Testing

struct AgendaTests {
  static let author = UserID(10)
  static let poll = PollFacts(optionCount: 2, isMultiple: false, secondsOpen: 60)

  /// An agenda that follows events.
  struct Followed {
    let agenda = Agenda()
    private var position = Position.zero

    mutating func fold(_ event: PostEvent, of post: UInt64, at ms: Int64 = 0) {
      position = position.next
      agenda.fold(
        Record(
          position: position, time: Instant(ms: ms), actor: AgendaTests.author,
          entity: .post(PostID(post)), sequence: 1, event: .post(event), hasSecret: false))
    }

    /// Drafts a post that is due at a time.
    mutating func draft(_ post: UInt64, due ms: Int64?) {
      fold(.drafted(AgendaTests.facts(), scheduled: ms.map { Instant(ms: $0) }), of: post)
    }

    func due(at ms: Int64, max: Int = 100) -> [UInt64] {
      agenda.due(at: Instant(ms: ms), max: max).map(\.post.raw)
    }
  }

  static func facts(poll: PollFacts? = nil) -> PostFacts {
    PostFacts(author: author, visibility: .public, poll: poll)
  }

  @Test func `what is due comes earliest first, and nothing before its time`() {
    var followed = Followed()
    for (post, due) in [(1, 300), (2, 100), (3, 200), (4, 100)] as [(UInt64, Int64)] {
      followed.draft(post, due: due)
    }
    #expect(followed.due(at: 99) == [])
    #expect(followed.due(at: 100) == [2, 4])
    #expect(followed.due(at: 299) == [2, 4, 3])
    #expect(followed.due(at: 300) == [2, 4, 3, 1])
    #expect(followed.agenda.count == 4)
  }

  @Test func `no more than asked for come at once, the earliest of them, again and again`() {
    var followed = Followed()
    for post in 1...9 as ClosedRange<UInt64> { followed.draft(post, due: 1_000 - Int64(post)) }
    for _ in 0..<3 { #expect(followed.due(at: 1_000, max: 4) == [9, 8, 7, 6]) }
    #expect(followed.due(at: 1_000, max: 0) == [])
    #expect(followed.due(at: 1_000, max: 9).count == 9)
    #expect(followed.agenda.count == 9)
  }

  @Test func `what is published leaves, and a draft without a time was never on it`() {
    var followed = Followed()
    followed.draft(1, due: 100)
    followed.draft(2, due: nil)
    #expect(followed.agenda.count == 1)
    followed.fold(.released(Self.facts()), of: 1)
    #expect(followed.due(at: 1_000) == [])
    #expect(followed.agenda.count == 0)
  }

  @Test func `what is given up leaves, and is passed over when its time comes`() {
    var followed = Followed()
    followed.draft(1, due: 100)
    followed.draft(2, due: 200)
    followed.fold(.discarded, of: 1)
    #expect(followed.due(at: 1_000, max: 1) == [2])
    #expect(followed.agenda.count == 1)
  }

  @Test func `what is postponed is due at its new time, once`() {
    var followed = Followed()
    followed.draft(1, due: 100)
    followed.fold(.redrafted(Self.facts(), scheduled: Instant(ms: 500)), of: 1)
    #expect(followed.due(at: 499) == [])
    #expect(followed.due(at: 500) == [1])
    followed.fold(.redrafted(Self.facts(), scheduled: nil), of: 1)
    #expect(followed.due(at: 1_000) == [])
    // Put back to where it was before, beside what else is due then.
    for due in [100, 500, 100] as [Int64] {
      followed.fold(.redrafted(Self.facts(), scheduled: Instant(ms: due)), of: 1)
    }
    followed.draft(2, due: 100)
    #expect(followed.due(at: 1_000) == [1, 2])
    #expect(followed.due(at: 1_000, max: 2) == [1, 2])
    #expect(followed.agenda.count == 2)
  }

  @Test func `a poll is due when it closes, and leaves when it has or is deleted`() {
    var followed = Followed()
    for post in 1...3 as ClosedRange<UInt64> {
      followed.fold(.published(Self.facts(poll: Self.poll)), of: post, at: 1_000)
    }
    let open = PollFacts(optionCount: 2, isMultiple: false, secondsOpen: nil)
    followed.fold(.published(Self.facts(poll: open)), of: 4, at: 1_000)
    followed.fold(.published(Self.facts()), of: 5, at: 1_000)
    #expect(followed.due(at: 60_999) == [])
    #expect(followed.due(at: 61_000) == [1, 2, 3])
    followed.fold(.pollClosed(author: Self.author), of: 1)
    followed.fold(.deleted(Self.facts(poll: Self.poll)), of: 2)
    followed.fold(.moderated(Self.facts(poll: Self.poll), from: .none, to: .removed), of: 3)
    #expect(followed.due(at: 61_000) == [3])
  }

  @Test func `the poll of a scheduled post is open from its publication on`() {
    var followed = Followed()
    followed.fold(
      .drafted(Self.facts(poll: Self.poll), scheduled: Instant(ms: 5_000)), of: 1, at: 1_000)
    #expect(
      followed.agenda.due(at: Instant(ms: 1_000_000), max: 10)
        == [Agenda.Item(due: Instant(ms: 5_000), post: PostID(1), task: .release)])
    followed.fold(.released(Self.facts(poll: Self.poll)), of: 1, at: 7_000)
    #expect(
      followed.agenda.due(at: Instant(ms: 1_000_000), max: 10)
        == [Agenda.Item(due: Instant(ms: 67_000), post: PostID(1), task: .closePoll)])
  }

  @Test func `posts of a snapshot are taken in as their events were followed`() throws {
    let text = Secret([.text: "x", .options: "yes\nno"])
    let facts = Self.facts(poll: Self.poll)
    let now = Instant(ms: 1_000)
    let scheduled = PostCommand.draft(facts, scheduled: Instant(ms: 5_000), secret: text)
    let lives: [[(PostCommand, UserID)]] = [
      [(scheduled, Self.author)],
      [(.draft(facts, scheduled: nil, secret: text), Self.author)],
      [(scheduled, Self.author), (.delete, Self.author)],
      [(scheduled, Self.author), (.release(order: ShareID(9)), Self.author)],
      [(.publish(facts, secret: text), Self.author)],
      [(.publish(facts, secret: text), Self.author), (.delete, Self.author)],
      [
        (.publish(facts, secret: text), Self.author),
        (.moderate(.removed, secret: nil), UserID(20)),
      ],
    ]
    var followed = Followed()
    let adopting = Agenda()
    for (index, commands) in lives.enumerated() {
      var post = PostState(key: .post(PostID(UInt64(index + 1))))
      for (command, actor) in commands {
        for draft in try post.decide(command, by: actor, at: now).drafts {
          guard case .post(let event) = draft.event else { continue }
          post.apply(
            Record(
              position: Position(post.sequence + 1), time: now, actor: actor,
              entity: .post(post.id), sequence: post.sequence + 1, event: draft.event,
              hasSecret: true))
          followed.fold(event, of: post.id.raw, at: now.ms)
        }
      }
      adopting.adopt(post)
      adopting.adopt(post)
    }
    let moment = Instant(ms: 1_000_000)
    let items = adopting.due(at: moment, max: 100)
    #expect(items == followed.agenda.due(at: moment, max: 100))
    #expect(items.map(\.post.raw) == [1, 4, 5, 7])
    #expect(items.map(\.due.ms) == [5_000, 61_000, 61_000, 61_000])
    #expect(adopting.count == 4)
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `a random agenda is the sorted list of what is on it`(seed: UInt64) {
    var state = seed
    func random(_ count: UInt64) -> UInt64 {
      state = mix64(state &+ 0x9E37_79B9_7F4A_7C15)
      return state % count
    }
    var followed = Followed()
    var expected: [UInt64: Int64] = [:]
    for _ in 0..<400 {
      let post = 1 + random(30)
      let due = Int64(random(50))
      if random(4) == 0 {
        followed.fold(.discarded, of: post)
        expected[post] = nil
      } else {
        followed.draft(post, due: due)
        expected[post] = due
      }
      let now = Int64(random(50))
      let sorted = expected.filter { $0.value <= now }
        .sorted { $0.value != $1.value ? $0.value < $1.value : $0.key < $1.key }.map(\.key)
      #expect(followed.due(at: now) == sorted)
    }
  }
}
