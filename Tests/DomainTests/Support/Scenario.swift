import Domain
import Testing

/// Given–when–then over one entity: runs commands, records what they lead to, observes the events
/// of others, and after every step checks that a replay of the records gives the same state.
struct Scenario<State: Entity> {
  /// What one command led to.
  struct Result {
    let drafts: [Draft]
    let outcome: Outcome
    var events: [Event] { drafts.map(\.event) }
  }

  let key: EntityKey
  private(set) var state: State
  private(set) var records: [Record] = []
  var now = Instant(ms: 1_341_100_800_000)

  init(_ key: EntityKey) {
    self.key = key
    state = State(key: key)
  }

  var position: Position { Position(UInt64(records.count)) }

  @discardableResult
  mutating func when(
    _ command: State.Command, by actor: UserID,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Result {
    let decision = try state.decide(command, by: actor, at: now)
    for draft in decision.drafts {
      let record = Record(
        position: position.next, time: now, actor: actor, entity: key,
        sequence: state.sequence + 1, event: draft.event, hasSecret: draft.secret != nil)
      state.apply(record)
      records.append(record)
    }
    expectReplay(sourceLocation)
    return Result(drafts: decision.drafts, outcome: decision.outcome)
  }

  /// The refusal's code; nil, and a failed expectation, if the command was not refused.
  func refusal(
    of command: State.Command, by actor: UserID,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> Rejection.Code? {
    do {
      let decision = try state.decide(command, by: actor, at: now)
      Issue.record("not refused: \(decision)", sourceLocation: sourceLocation)
      return nil
    } catch {
      return error.code
    }
  }

  mutating func given(
    _ event: Event, by actor: UserID, of owner: EntityKey,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let record = Record(
      position: position.next, time: now, actor: actor, entity: owner, sequence: 1, event: event,
      hasSecret: false)
    state.observe(record)
    records.append(record)
    expectReplay(sourceLocation)
  }

  private func expectReplay(_ sourceLocation: SourceLocation) {
    var replayed = State(key: key)
    for record in records {
      if record.entity == key { replayed.apply(record) } else { replayed.observe(record) }
    }
    #expect(replayed == state, sourceLocation: sourceLocation)
    #expect(
      replayed.sequence == UInt64(records.count { $0.entity == key }),
      sourceLocation: sourceLocation)
  }
}

extension Scenario where State == UserState {
  static func signedUp(_ id: UserID, _ name: String = "anna") throws -> Scenario {
    var scenario = Scenario(.user(id))
    let username = try #require(Username(name))
    try scenario.when(.signUp(username: username, secret: nil), by: id)
    return scenario
  }

  /// As the person themself.
  @discardableResult
  mutating func when(
    _ command: UserCommand, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [UserEvent] {
    try when(command, by: state.id, sourceLocation: sourceLocation).events.map { event in
      guard case .user(let event) = event else { preconditionFailure("no user's event") }
      return event
    }
  }

  func refusal(of command: UserCommand) -> Rejection.Code? {
    refusal(of: command, by: state.id)
  }

  mutating func given(_ event: UserEvent, of owner: UserID) {
    given(.user(event), by: owner, of: .user(owner))
  }
}

/// splitmix64: the same numbers from the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

let anna = UserID(10)
let bert = UserID(20)
let carl = UserID(30)
let dora = UserID(40)

/// Swift Testing has a `Tag` of its own.
typealias Hashtag = Domain.Tag
