package import Domain
private import Synchronization

/// The entities of one kind of a shard, by identifier: those in memory, and those that sleep in a
/// snapshot and wake when they are asked for. Safe from every thread.
///
/// A look-up of one in memory is one uncontended lock and one hash; one that wakes costs a read
/// from the snapshot. What every request needs is specialised for each kind.
package final class EntityIndex<ID: Hashable & Sendable, State: Entity>: Sendable {
  package typealias Member = EntityActor<State>

  private struct Contents: Sendable {
    var awake: [ID: Member] = [:]
    var dormitory = Dormitory<ID, State>()
    /// Of those awake, how many have a place in the dormitory.
    var awakeWithPlace = 0
    /// How often the dormitory was replaced.
    var generation: UInt64 = 0
    var usage = IndexUsage()
  }

  private let contents = Mutex(Contents())
  private let surroundings: Surroundings
  private let executors: any ExecutorSource
  private let key: @Sendable (ID) -> EntityKey

  package init(
    surroundings: Surroundings, executors: any ExecutorSource,
    key: @escaping @Sendable (ID) -> EntityKey
  ) {
    self.surroundings = surroundings
    self.executors = executors
    self.key = key
  }

  package subscript(id: ID) -> Member? { find(id) }

  @specialized(where ID == UserID, State == UserState)
  @specialized(where ID == PostID, State == PostState)
  @specialized(where ID == ChatID, State == ChatState)
  @specialized(where ID == Tag, State == TagState)
  private func find(_ id: ID) -> Member? {
    while true {
      switch look(for: id) {
      case .awake(let member):
        member.warm()
        return member
      case .asleep(let place, let dormitory, let generation):
        let began = ContinuousClock.now
        let frozen = dormitory.read(dormitory.entry(place))
        let took = ContinuousClock.now - began
        // What was read may be out of date when it slept elsewhere meanwhile.
        if let member = wake(frozen, as: id, generation, took) { return member }
      case .nowhere:
        return nil
      }
    }
  }

  private enum Finding {
    case awake(Member)
    case asleep(UInt64, Dormitory<ID, State>, generation: UInt64)
    case nowhere
  }

  private func look(for id: ID) -> Finding {
    contents.withLock { contents in
      contents.usage.lookups += 1
      if let member = contents.awake[id] { return .awake(member) }
      guard let place = contents.dormitory.places[id] else { return .nowhere }
      return .asleep(place, contents.dormitory, generation: contents.generation)
    }
  }

  private func wake(
    _ frozen: Frozen<State>, as id: ID, _ generation: UInt64, _ took: Duration
  ) -> Member? {
    let made = member(frozen, isKept: true)
    return contents.withLock { contents -> Member? in
      if let member = contents.awake[id] { return member }
      guard contents.generation == generation else { return nil }
      contents.awake[id] = made
      contents.awakeWithPlace += 1
      contents.usage.wakes += 1
      contents.usage.wakingNs += took.nanoseconds
      return made
    }
  }

  private func member(_ frozen: Frozen<State>, isKept: Bool) -> Member {
    Member(
      key: frozen.key, state: frozen.state, ownPosition: frozen.ownPosition,
      observedPosition: frozen.observedPosition, isKept: isKept, in: surroundings,
      on: executors.executor())
  }

  /// In memory and asleep.
  package var count: Int {
    contents.withLock { $0.awake.count + $0.dormitory.places.count - $0.awakeWithPlace }
  }

  package var usage: IndexUsage {
    contents.withLock { contents in
      var usage = contents.usage
      usage.awake = contents.awake.count
      usage.generation = contents.generation
      usage.asleep = contents.dormitory.places.count - contents.awakeWithPlace
      return usage
    }
  }

  /// The entity, made with the state before any event if it is not there.
  @specialized(where ID == UserID, State == UserState)
  @specialized(where ID == PostID, State == PostState)
  @specialized(where ID == ChatID, State == ChatState)
  @specialized(where ID == Tag, State == TagState)
  package func findOrMake(_ id: ID) -> Member {
    if let member = find(id) { return member }
    let key = key(id)
    let made = Member(
      key: key, state: State(key: key), in: surroundings, on: executors.executor())
    return contents.withLock { contents in
      if let member = contents.awake[id] { return member }
      contents.awake[id] = made
      return made
    }
  }

  /// Takes in an entity from a snapshot.
  package func adopt(_ frozen: Frozen<State>, as id: ID) {
    let made = member(frozen, isKept: false)
    contents.withLock { $0.awake[id] = made }
  }

  /// Folds a committed event of another entity, if the entity is there.
  func observe(_ record: Record, as id: ID) async {
    // One that has just been let go of is looked for again.
    while let member = self[id], !(await member.observe(record)) {}
  }

  /// Forgets an entity that was made for an event that was refused, unless another call has given
  /// it one meanwhile. Who holds the entity still is refused by it.
  package func discardBlank(_ id: ID) async {
    guard let member = self[id], await member.retireIfBlank() else { return }
    forget(member, as: id)
  }

  /// Of those in memory; unless another has taken its place.
  private func forget(_ member: Member, as id: ID) {
    contents.withLock { contents in
      guard contents.awake[id] === member else { return }
      contents.awake[id] = nil
      if contents.dormitory.places[id] != nil { contents.awakeWithPlace -= 1 }
    }
  }

  // MARK: Residency

  /// All that are in memory now, in no order; for walking them in slices.
  package func awake() -> [(id: ID, member: Member)] {
    contents.withLock { $0.awake.map { ($0.key, $0.value) } }
  }

  /// All, in no order; wakes everybody.
  package func wakeAll() -> [Member] {
    let ids = contents.withLock { Set($0.awake.keys).union($0.dormitory.places.keys) }
    return ids.compactMap { self[$0] }
  }

  /// All, as of one moment: those in memory, in no order, and where the others lie, in the order in
  /// which they are read best.
  package func everyone() -> (awake: [Member], asleep: [UInt64], dormitory: Dormitory<ID, State>) {
    let (ids, awake, dormitory) = contents.withLock { contents in
      (Array(contents.awake.keys), Array(contents.awake.values), contents.dormitory)
    }
    // Out of the lock, which would hold up the shard: there may be a million.
    var places = dormitory.places
    for id in ids { places[id] = nil }
    return (awake, places.values.sorted(), dormitory)
  }

  /// The greatest of all identifiers, as `value` has it; `start` where there is nobody.
  package func newest(_ start: UInt64, _ value: @Sendable (ID) -> UInt64) -> UInt64 {
    contents.withLock { contents in
      let awake = contents.awake.keys.reduce(start) { max($0, value($1)) }
      return contents.dormitory.places.keys.reduce(awake) { max($0, value($1)) }
    }
  }

  /// From now on who sleeps does so there: everybody who has a place in the old one must have one
  /// in the new, where they lie as they do in the old, or newer.
  package func move(to dormitory: Dormitory<ID, State>) {
    contents.withLock { contents in
      contents.dormitory = dormitory
      contents.generation += 1
      contents.awakeWithPlace = contents.awake.keys.count { dormitory.places[$0] != nil }
    }
  }

  /// Lets go of an entity if it can come back as it is. On the shard's thread.
  package func putToSleep(_ id: ID, _ member: Member) async -> Bool {
    guard contents.withLock({ $0.dormitory.places[id] != nil }), await member.retireIfKept() else {
      return false
    }
    forget(member, as: id)
    return true
  }
}
