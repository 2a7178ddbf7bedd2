package import Domain
internal import Journal

/// Commands that take back what some events did, each through the front door: decided like any
/// other, journaled as new events. What happened stays in the journal.
///
/// What an event set is put back to where it stood before, unless somebody has set it anew since:
/// then it is theirs. The commands go the way back step by step, newest first, so that each is as
/// possible as what it takes back was.
package struct Compensation: Sendable {
  /// Positions shown for one sentence.
  package static let positionsShownMax = 8

  package struct Step: Equatable, Sendable {
    /// Of the newest chosen event that it answers for.
    package var position: Position
    /// The command's words, without AS and KEY.
    package var words: [String]
    /// Whoever's command it is; nil for an admin's or a moderator's.
    package var user: Username?

    /// As plain lines take it, for a connection with an admin's token. The key makes it safe to
    /// send twice.
    package var line: String {
      let command = words + ["KEY", "compensate-\(position)-\(words[0].lowercased())"]
      return ((user.map { ["AS", $0.text] } ?? []) + command).joined(separator: " ")
    }
  }

  /// What is left to people, by sentence.
  package struct Remark: Equatable, Sendable {
    package var sentence: String
    package var positions: [Position]
  }

  package private(set) var steps: [Step] = []
  package private(set) var remarks: [Remark] = []
  /// Chosen events.
  package private(set) var count = 0

  /// - Parameter chosen: which events to take back; asked for each event twice.
  package init(
    _ journal: some RecordSource, chosen: (Record) -> Bool, report: ProgressReport? = nil
  ) throws {
    var courses: [Subject: Course] = [:]
    var lasting: [(sentence: String, position: Position)] = []
    let end = try journal.end()
    try Self.forEach(journal, through: end, "choosing", report) { record in
      guard chosen(record) else { return }
      count += 1
      switch Effect(of: record) {
      case .sets(let standings):
        for (subject, _) in standings { courses[subject] = Course() }
      case .lasting(let sentence): lasting.append((sentence, record.position))
      case .nothing: break
      }
    }
    var circumstances = Circumstances()
    var leaver: Leaver?
    try Self.forEach(journal, through: end, "looking at what was before and since", report) {
      record in
      circumstances.note(record)
      let isPromotion = leaver?.isFollowed(by: record) ?? false
      leaver = Leaver(record) ?? (isPromotion ? leaver : nil)
      for (place, standing) in Effect.standings(after: record).enumerated() {
        courses[standing.0]?.note(
          record, place, standing.1, isChosen: chosen(record), isPromotion: isPromotion)
      }
    }
    for (sentence, position) in lasting { remark(sentence, position) }
    var changes: [(subject: Subject, change: Course.Change)] = []
    for (subject, course) in courses {
      if course.isForeign, let last = course.changes.last {
        remark("was changed again since, and is left as it is now", last.position)
      } else if subject.isOneWay, let first = course.changes.first, var last = course.changes.last {
        last.before = first.before
        changes.append((subject, last))
      } else {
        changes += course.changes.map { (subject, $0) }
      }
    }
    changes.sort { ($1.change.position, $0.change.place) < ($0.change.position, $1.change.place) }
    for (subject, change) in changes { answer(subject, change, circumstances) }
    for index in remarks.indices { remarks[index].positions.sort() }
  }

  private static func forEach(
    _ journal: some RecordSource, through end: Position, _ title: String,
    _ report: ProgressReport?, _ body: (Record) -> Void
  ) throws {
    var cursor = journal.cursor(after: .zero)
    while cursor.position < end {
      let records = try cursor.next(max: Int(clamping: min(4_096, end.raw - cursor.position.raw)))
      if records.isEmpty { return }
      for record in records { body(record) }
      report?(
        Progress(title: title, done: cursor.position.raw, total: end.raw, unit: "records"))
    }
  }

  /// A subject through the journal.
  private struct Course {
    /// What a chosen event did to it.
    struct Change {
      var position: Position
      /// Among those that the event sets.
      var place: Int
      var actor: UserID
      var before: Standing
      var after: Standing
      /// Whether no event had set it before.
      var isFirst: Bool
      /// Of a group whose last admin left: not by anybody's choice.
      var isPromotion: Bool
    }

    var changes: [Change] = []
    /// Whether an event that is not chosen came after one that is.
    var isForeign = false
    private var now = Standing.off
    private var isSet = false

    mutating func note(
      _ record: Record, _ place: Int, _ standing: Standing, isChosen: Bool, isPromotion: Bool
    ) {
      if isChosen {
        changes.append(
          Change(
            position: record.position, place: place, actor: record.actor, before: now,
            after: standing, isFirst: !isSet, isPromotion: isPromotion))
      } else if !changes.isEmpty {
        isForeign = true
      }
      now = standing
      isSet = true
    }
  }

  private mutating func remark(_ sentence: String, _ position: Position) {
    if let index = remarks.firstIndex(where: { $0.sentence == sentence }) {
      remarks[index].positions.append(position)
    } else {
      remarks.append(Remark(sentence: sentence, positions: [position]))
    }
  }

  /// Names, whose account is private, and which posts are gone.
  private struct Circumstances {
    private(set) var names: [UserID: Username] = [:]
    private(set) var closed: Set<UserID> = []
    private(set) var deleted: Set<PostID> = []

    mutating func note(_ record: Record) {
      switch record.event {
      case .user(.signedUp(let name, _)): names[record.actor] = name
      case .user(.erased): names[record.actor] = nil
      case .user(.profileChanged(let isPrivate?, _, _)):
        if isPrivate { closed.insert(record.actor) } else { closed.remove(record.actor) }
      case .post(.deleted), .post(.discarded):
        if case .post(let post) = record.entity { deleted.insert(post) }
      case .user, .post, .chat, .tag: return
      }
    }
  }

  /// Who has left a group by the event before; if they were its last admin, others are promoted in
  /// the same breath.
  private struct Leaver {
    let record: Record

    init?(_ record: Record) {
      guard case .chat(.left) = record.event else { return nil }
      self.record = record
    }

    func isFollowed(by other: Record) -> Bool {
      guard case .chat(.roleChanged) = other.event else { return false }
      return other.actor == record.actor && other.entity == record.entity
    }
  }

  private mutating func answer(
    _ subject: Subject, _ change: Course.Change, _ circumstances: Circumstances
  ) {
    guard change.before != change.after else { return }
    if case .trending = subject, change.isFirst {
      return remark("a hashtag once reviewed stays so; review it anew", change.position)
    }
    if let post = subject.post, circumstances.deleted.contains(post) {
      return remark("is about a post that has been deleted since", change.position)
    }
    if change.isPromotion {
      return remark("who was promoted when the last admin left stays an admin", change.position)
    }
    let reversal = Reversal(
      of: subject, from: change.after, to: change.before, by: change.actor,
      isPrivate: { circumstances.closed.contains($0) })
    switch reversal {
    case .lasting(let sentence):
      remark(sentence, change.position)
    case .commands(let commands):
      let made = commands.compactMap { step(of: $0, change.position, circumstances) }
      if made.count == commands.count {
        steps += made
      } else {
        remark("concerns somebody who is erased", change.position)
      }
    }
  }

  /// Nil where it takes somebody who has no name any more.
  private func step(
    of command: Reversal.Command, _ position: Position, _ circumstances: Circumstances
  ) -> Step? {
    var words: [String] = []
    for word in command.words {
      switch word {
      case .text(let text): words.append(text)
      case .name(let id):
        guard let name = circumstances.names[id] else { return nil }
        words.append(name.text)
      }
    }
    guard let user = command.user else { return Step(position: position, words: words, user: nil) }
    guard let name = circumstances.names[user] else { return nil }
    return Step(position: position, words: words, user: name)
  }
}
