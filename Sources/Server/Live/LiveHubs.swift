package import Domain
package import Entities
private import Synchronization

/// The hubs of all shards: a subscription lives on the shard of what it is about.
package final class LiveHubs: Sendable {
  private let sharding: Sharding
  private let hubs: [LiveHub]

  /// One executor for each shard.
  package init(sharding: Sharding, executors: [any ExecutorSource]) {
    self.sharding = sharding
    hubs = executors.map { LiveHub(executor: $0.executor()) }
  }

  /// The hub of a shard, to follow its committed events.
  package func hub(of shard: ShardIndex) -> LiveHub { hubs[shard.raw] }

  /// Hands the hubs what they look things up in; before the first subscription.
  package func attach(to service: Service) {
    for hub in hubs { hub.attach(to: service) }
  }

  /// Notes a subscription: nothing is missed from now on, or from `position` on, and nothing is
  /// pushed until `start`. One that is there already just goes on, unless a position is given.
  func prepare(
    _ session: Session, as viewer: UserID?, on channel: Channel, after position: Position?
  ) async {
    await hub(for: channel).prepare(session, as: viewer, on: channel, after: position)
  }

  /// Delivers what has happened since `prepare`, then what happens. For after the confirmation.
  func start(_ session: Session, on channel: Channel) async {
    await hub(for: channel).start(session, on: channel)
  }

  func unsubscribe(_ session: Session, from channels: [Channel]) async {
    for channel in channels { await hub(for: channel).unsubscribe(session, from: channel) }
  }

  private func hub(for channel: Channel) -> LiveHub {
    hubs[sharding.shard(of: channel.key).raw]
  }
}
