package import Domain
internal import Journal
internal import Projections

/// Why something is, or is not, in an inbox as of a moment: what a post or a person told.
///
/// The verdict is that of the projection that serves, folded from all that the owner's inbox is
/// made of; each event is held against what the inbox said before and after it.
package struct WhyInbox {
  package enum Subject: Hashable, Sendable {
    case post(PostID)
    case person(UserID)
  }

  /// Events that are shown: the newest.
  package static let eventsShownMax = 200

  private let evidence: Evidence
  private let owner: UserID
  private let subject: Subject

  package init(
    _ index: HistoryIndex, owner: UserID, about subject: Subject, at position: Position,
    _ moment: Instant
  ) {
    evidence = Evidence(index, at: position, moment)
    self.owner = owner
    self.subject = subject
  }

  package func explain() throws -> Explanation {
    if case .post(let id) = subject, let lack = try evidence.lack(of: id) {
      return try absent("unwritten", "there is \(lack.words)", hasSubject: lack.isLater)
    }
    if let erasure = try evidence.erasure(of: owner) {
      return try absent(
        "viewer_erased", "this account was erased at position \(erasure.position)", [erasure])
    }
    var walk = Walk(owner: owner, subject: subject)
    let past = evidence.past
    try evidence.index.forEachRecord(at: past.inboxPositions(of: owner)) { try walk.fold($0) }
    let entries = walk.entries()
    var steps: [Explanation.Step] = []
    for (record, effect) in walk.effects.suffix(Self.eventsShownMax) {
      steps.append(try evidence.step(record, try meaning(of: effect, record)))
    }
    let (reason, because) = try self.because(entries, walk)
    if entries.isEmpty { return try absent(reason, because, steps: steps) }
    let what: String =
      switch subject {
      case .post(let id): "something about post \(id)"
      case .person(let id): "something by \(try evidence.name(id))"
      }
    return Explanation(
      question: try question(), position: evidence.position, moment: evidence.moment,
      verdict: true, reason: reason,
      sentence: "there is \(what) in the inbox of \(try evidence.name(owner)), because \(because)",
      steps: steps, details: [("items", .array(entries.map(Self.describe)))])
  }

  private func absent(
    _ reason: String, _ because: String, _ support: [Record] = [], hasSubject: Bool = true
  ) throws -> Explanation {
    try absent(reason, because, steps: evidence.steps(support), hasSubject: hasSubject)
  }

  private func absent(
    _ reason: String, _ because: String, steps: [Explanation.Step], hasSubject: Bool = true
  ) throws -> Explanation {
    Explanation(
      question: try question(), position: evidence.position, moment: evidence.moment,
      verdict: false, reason: reason,
      sentence: "there is nothing in the inbox of \(try evidence.name(owner)) \(try lack()), "
        + "because \(because)",
      steps: steps, hasSubject: hasSubject)
  }

  private func question() throws -> String {
    let me = try evidence.name(owner)
    return switch subject {
    case .post(let id): "inbox:\(me) \(id)"
    case .person(let id): "inbox:\(me) @\(try evidence.name(id))"
    }
  }

  private func lack() throws -> String {
    switch subject {
    case .post(let id): "about post \(id)"
    case .person(let id): "by \(try evidence.name(id))"
    }
  }

  private static func describe(_ entry: InboxEntry) -> JSON {
    .object([
      ("id", .string("\(entry.id)")), ("kind", .string("\(entry.kind)")),
      ("count", .int(Int64(entry.count))), ("read", .bool(entry.isRead)),
    ])
  }

  // MARK: Words

  private func because(
    _ entries: [InboxEntry], _ walk: Walk
  ) throws -> (reason: String, because: String) {
    if !entries.isEmpty {
      let kinds = entries.map { "\($0.kind)" }.joined(separator: ", ")
      let unread = entries.contains { !$0.isRead }
      return (unread ? "unread" : "read", "of: \(kinds) (\(unread ? "unread" : "read"))")
    }
    guard let (record, effect) = walk.decisive else {
      return ("nothing", "nothing happened that would tell \(try evidence.name(owner)) so")
    }
    let words = "position \(record.position): \(try evidence.words.sentence(record))"
    switch effect {
    case .withdrawn:
      let isBlock = EventType(record.event) == .userBlocked
      return ("withdrawn", "it was taken back \(isBlock ? "by the block " : "")at \(words)")
    case .refused(let refusal, let cause):
      return (Self.reason(refusal), "\(try wordsForRefusal(refusal, cause, record)); \(words)")
    case .told, .read, .again, .silent:
      return ("silent", "what happened tells nobody; the last was \(words)")
    }
  }

  private static func reason(_ refusal: InboxRefusal) -> String {
    switch refusal {
    case .ownAct: "own"
    case .blocked: "blocked"
    case .muted: "muted"
    case .unseen: "unseen"
    }
  }

  private func wordsForRefusal(
    _ refusal: InboxRefusal, _ cause: Position?, _ record: Record
  ) throws -> String {
    let (me, them) = (try evidence.name(owner), try evidence.name(Walk.doer(of: record)))
    let since = cause.map { " (position \($0))" } ?? ""
    switch refusal {
    case .ownAct: return "\(me) did it"
    case .blocked: return "\(me) blocked \(them) at the time\(since)"
    case .muted: return "\(me) muted \(them) at the time\(since)"
    case .unseen(let refusal):
      switch refusal {
      case .blocked: return "a block kept \(me) from seeing the post"
      case .forFollowers: return "the post is for followers, and \(me) was none"
      case .privateAccount: return "the account of \(them) was private, and \(me) did not follow"
      case .forFriends: return "the post is for friends, and \(me) was none"
      case .forAuthor: return "the post is for \(them) alone"
      }
    }
  }

  private func meaning(of effect: Walk.Effect, _ record: Record) throws -> String? {
    switch effect {
    case .told: "tells \(try evidence.name(owner))"
    case .again: "listed again, tells nobody again"
    case .withdrawn: "taken back"
    case .read: "read"
    case .refused(let refusal, let cause):
      "tells nothing: \(try wordsForRefusal(refusal, cause, record))"
    case .silent: nil
    }
  }
}
