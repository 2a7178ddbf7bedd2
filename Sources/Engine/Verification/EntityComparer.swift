internal import Domain
internal import Entities
internal import Journal

/// Holds live entities, frozen at their own moments, against a refold that stands at a position
/// which all of them have passed.
///
/// Most stand where the refold has them and are compared at once. One that has moved on since (own
/// events that it has applied, others' events that it has observed) is kept together with a copy of
/// the refold's, and the journal's tail is folded into that copy: own events up to the live one's
/// sequence, others' up to the position that the live one has observed. The two halves of a state
/// do not write to each other, so the order between them does not matter, and the comparison is
/// exact while writes go on. Memory: the entities that have moved, at most `movedMax`; what moves
/// beyond that has its turn in another pass.
final class EntityComparer: EntityVisitor {
  static let movedMax = 65_536
  /// Entities looked at between two rests.
  private static let restEvery = 256

  private let refold: EntityStates
  private let throttle: Throttle
  private var looked = 0
  private var lastRestUs = Throttle.nowUs()
  private var users = Moved<UserState>()
  private var posts = Moved<PostState>()
  private var chats = Moved<ChatState>()
  private var tags = Moved<TagState>()
  /// Live entities of which the refold knows, by kind.
  private var known: [EntityKind: Int] = [:]
  private(set) var differing: [EntityKey] = []

  init(_ refold: EntityStates, _ throttle: Throttle) {
    self.refold = refold
    self.throttle = throttle
  }

  func visit<State: StateCoding>(_ live: Frozen<State>) {
    looked += 1
    if looked % Self.restEvery == 0 {
      throttle.rest(afterUs: Throttle.nowUs() - lastRestUs)
      lastRestUs = Throttle.nowUs()
    }
    switch live {
    case let live as Frozen<UserState>: compare(live, refold.users[live.state.id], \.users)
    case let live as Frozen<PostState>: compare(live, refold.posts[live.state.id], \.posts)
    case let live as Frozen<ChatState>: compare(live, refold.chats[live.state.id], \.chats)
    case let live as Frozen<TagState>: compare(live, refold.tags[live.state.tag], \.tags)
    default: preconditionFailure("there are four kinds of entities")
    }
  }

  private func compare<State: StateCoding>(
    _ live: Frozen<State>, _ folded: Frozen<State>?,
    _ moved: ReferenceWritableKeyPath<EntityComparer, Moved<State>>
  ) {
    if let folded, !folded.isBlank { known[State.kind, default: 0] += 1 }
    if folded == nil, live.state.isBlank(live.key) { return }
    let folded = folded ?? Frozen(blank: live.key)
    if folded.stands(where: live) {
      if folded.state != live.state { differing.append(live.key) }
    } else if movedCount < Self.movedMax {
      self[keyPath: moved].add(live, folded)
    }
  }

  var movedCount: Int { users.count + posts.count + chats.count + tags.count }

  /// Where the tail that the moved ones need ends.
  var tailEnd: Position {
    max(max(users.end, posts.end), max(chats.end, tags.end))
  }

  /// Folds the next record of the tail.
  func fold(_ record: Record) {
    replay(record)
    forEachRecipient(of: record) { observe(record, as: $0) }
  }

  private func replay(_ record: Record) {
    switch record.entity {
    case .user: users.replay(record)
    case .post: posts.replay(record)
    case .chat: chats.replay(record)
    case .tag: tags.replay(record)
    }
  }

  private func observe(_ record: Record, as key: EntityKey) {
    switch key {
    case .user: users.observe(record, as: key)
    case .post: posts.observe(record, as: key)
    case .chat: chats.observe(record, as: key)
    case .tag: tags.observe(record, as: key)
    }
  }

  /// After the tail: the moved ones have arrived where the live ones stood.
  func settle() {
    differing += users.settle() + posts.settle() + chats.settle() + tags.settle()
  }

  /// Kinds of which the refold knows entities that are not alive, and how many. Hashtags that have
  /// been used and of which nothing is known are in no snapshot: they need not be alive.
  var missing: [(kind: EntityKind, count: Int)] {
    EntityKind.all.compactMap { kind in
      let count = refold.knownCount(of: kind) - known[kind, default: 0]
      return count > 0 ? (kind, count) : nil
    }
  }
}

/// Live entities of one kind that have moved on, each with the refold's copy that follows.
private struct Moved<State: StateCoding> {
  private var pairs: [EntityKey: (live: Frozen<State>, copy: Frozen<State>)] = [:]
  private(set) var end = Position.zero

  var count: Int { pairs.count }

  mutating func add(_ live: Frozen<State>, _ folded: Frozen<State>) {
    pairs[live.key] = (live, folded)
    end = max(end, max(live.ownPosition, live.observedPosition))
  }

  mutating func replay(_ record: Record) {
    guard let live = pairs[record.entity]?.live, record.sequence <= live.state.sequence else {
      return
    }
    // A gap shows as a difference at the end.
    try? pairs[record.entity]?.copy.replay(record)
  }

  mutating func observe(_ record: Record, as key: EntityKey) {
    guard let live = pairs[key]?.live, record.position <= live.observedPosition else { return }
    pairs[key]?.copy.observe(record)
  }

  /// Those that are not what their copies have become.
  mutating func settle() -> [EntityKey] {
    defer { pairs = [:] }
    return pairs.values.filter { !$0.copy.stands(where: $0.live) || $0.copy.state != $0.live.state }
      .map(\.live.key)
  }
}

extension Frozen {
  /// Whether the same events have been folded.
  fileprivate func stands(where other: Self) -> Bool {
    state.sequence == other.state.sequence && ownPosition == other.ownPosition
      && observedPosition == other.observedPosition
  }
}

extension Frozen where State: StateCoding {
  /// Whether nothing is known but the key.
  var isBlank: Bool { state.isBlank(key) }
}
