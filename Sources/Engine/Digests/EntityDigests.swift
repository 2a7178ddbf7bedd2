internal import Domain
package import Entities
internal import Journal
internal import Projections

/// Adds up the digests of entities by kind: the sum of BLAKE2b-256(key ‖ state).
///
/// In any order and in any parts; not to be shared between threads.
package final class EntityDigests: EntityVisitor {
  private var adders = EntityKind.all.map { _ in Digest() }
  private var key = CBOREncoder()
  private var value = CBOREncoder()
  private let hash = BLAKE2b()

  package init() {}

  /// Adds an entity, unless it is one without any event.
  package func visit<State: StateCoding>(_ entity: Frozen<State>) {
    if entity.state.isBlank(entity.key) { return }
    key.reset()
    entity.key.encode(into: &key)
    value.reset()
    entity.state.encode(into: &value)
    hash.update(key.bytes)
    hash.update(value.bytes)
    adders[Self.index(of: State.kind)].add(entry: hash.finish())
  }

  /// Adds one that sleeps, without reading its state.
  package func visit<State: StateCoding>(
    asleep entry: (key: [UInt8], value: [UInt8]), _: () -> Frozen<State>
  ) throws {
    hash.update(entry.key)
    hash.update(try EntityEntry.parts(of: entry.value).state)
    adders[Self.index(of: State.kind)].add(entry: hash.finish())
  }

  package var named: [StateDigests.Named] {
    EntityKind.all.map { kind in
      StateDigests.Named(
        name: StateDigests.name(of: kind), digest: adders[Self.index(of: kind)])
    }
  }

  private static func index(of kind: EntityKind) -> Int { Int(kind.code) - 1 }
}

extension EntityStates {
  package func digests() -> [StateDigests.Named] {
    let digests = EntityDigests()
    for user in users.values { digests.visit(user) }
    for post in posts.values { digests.visit(post) }
    for chat in chats.values { digests.visit(chat) }
    for tag in tags.values { digests.visit(tag) }
    return digests.named
  }

  /// Shows every entity of a kind to the visitor.
  func visit(_ kind: EntityKind, _ visitor: some EntityVisitor) throws {
    switch kind {
    case .user: for user in users.values { try visitor.visit(user) }
    case .post: for post in posts.values { try visitor.visit(post) }
    case .chat: for chat in chats.values { try visitor.visit(chat) }
    case .tag: for tag in tags.values { try visitor.visit(tag) }
    }
  }
}

extension Sequence<ReadModels> {
  /// The digests of all shards' parts together.
  package func digests() -> [StateDigests.Named] {
    var sums = ProjectionName.allCases.map { ($0, Digest()) }
    for models in self {
      for (name, digest) in models.digests() {
        for index in sums.indices where sums[index].0 == name {
          sums[index].1 = sums[index].1 + digest
        }
      }
    }
    return sums.map { StateDigests.Named(name: StateDigests.name(of: $0), digest: $1) }
  }
}

extension Refold {
  package func digests() -> StateDigests {
    StateDigests(position: position, all: entities.digests() + [models].digests())
  }
}
