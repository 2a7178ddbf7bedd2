package import Domain
private import Synchronization

/// The entities of one kind that a shard holds in memory, by identifier. Safe from every thread;
/// a look-up is one uncontended lock and one hash.
package final class EntityIndex<ID: Hashable & Sendable, State: Entity>: Sendable {
  package typealias Member = EntityActor<State>

  private let members = Mutex<[ID: Member]>([:])
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

  package subscript(id: ID) -> Member? { members.withLock { $0[id] } }

  package var count: Int { members.withLock { $0.count } }

  /// The entity, made with the state before any event if it is not there.
  package func findOrMake(_ id: ID) -> Member {
    if let member = self[id] { return member }
    let key = key(id)
    let made = Member(
      key: key, state: State(key: key), in: surroundings, on: executors.executor())
    return members.withLock { members in
      if let member = members[id] { return member }
      members[id] = made
      return made
    }
  }

  /// Takes in an entity from a snapshot.
  package func adopt(_ frozen: Frozen<State>, as id: ID) {
    let member = Member(
      key: frozen.key, state: frozen.state, ownPosition: frozen.ownPosition,
      observedPosition: frozen.observedPosition, in: surroundings, on: executors.executor())
    members.withLock { $0[id] = member }
  }

  /// Forgets an entity that was made for an event that was refused, unless another call has given
  /// it one meanwhile. Who holds the entity still is refused by it.
  package func discardBlank(_ id: ID) async {
    guard let member = self[id], await member.retireIfBlank() else { return }
    members.withLock { members in
      if members[id] === member { members[id] = nil }
    }
  }

  /// All members as of now, in no order; for walking them in slices.
  package func all() -> [Member] { members.withLock { Array($0.values) } }

  package func reserve(_ count: Int) { members.withLock { $0.reserveCapacity(count) } }
}
