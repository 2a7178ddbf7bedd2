package import Domain
package import Entities
private import Synchronization

/// The hubs of all shards: a subscription lives on the shard of what it is about, `public` on the
/// first.
package final class LiveHubs: Sendable {
  /// How often `tick` should be called.
  package static let tickMs = 500

  private let sharding: Sharding
  private let hubs: [LiveHub]
  private let typists = TypingLimit()
  private let attached = Mutex<Service?>(nil)

  /// One executor for each shard.
  package init(sharding: Sharding, executors: [any ExecutorSource]) {
    self.sharding = sharding
    hubs = executors.map { LiveHub(executor: $0.executor()) }
  }

  /// The hub of a shard, to follow its committed events.
  package func hub(of shard: ShardIndex) -> LiveHub { hubs[shard.raw] }

  /// Hands the hubs what they look things up in; before the first subscription.
  package func attach(to service: Service) {
    attached.withLock { $0 = service }
    for hub in hubs { hub.attach(to: service) }
  }

  /// Notes a subscription: nothing is missed from now on, or from `position` on, and nothing is
  /// pushed until `start`. One that is there already just goes on, unless a position is given.
  func prepare(
    _ session: Session, as viewpoint: Viewpoint, on channel: Channel, after position: Position?
  ) async {
    await hub(for: channel).prepare(session, as: viewpoint, on: channel, after: position)
  }

  /// Delivers what has happened since `prepare`, then what happens. For after the confirmation.
  func start(_ session: Session, on channel: Channel) async {
    await hub(for: channel).start(session, on: channel)
  }

  func unsubscribe(_ session: Session, from channels: [Channel]) async {
    for channel in channels { await hub(for: channel).unsubscribe(session, from: channel) }
  }

  /// What the session is subscribed to goes on with other eyes.
  func look(_ session: Session, on channels: [Channel], as viewpoint: Viewpoint) async {
    for channel in channels {
      await hub(for: channel).look(session, on: channel, as: viewpoint)
    }
  }

  private func hub(for channel: Channel) -> LiveHub {
    hubs[channel.key.map { sharding.shard(of: $0).raw } ?? 0]
  }

  // MARK: Beside the journal

  /// Tells a chat's other members that somebody is about to say something; not again within a
  /// second. Throws BUSY when too many are.
  func tell(_ typing: Typing, at now: Instant) async throws(Rejection) {
    guard try typists.admit(typing.user, in: typing.chat, at: now) else { return }
    for hub in hubs where await !hub.whisper(typing) { throw .tooManyType }
  }

  /// Tells the friends of these people whether they are there.
  func tellPresence(of people: [UserID]) async {
    for hub in hubs { await hub.whisper(people) }
  }

  /// Tells what time has brought: who has not come back.
  package func tick() async {
    guard let service = attached.withLock({ $0 }) else { return }
    let people = service.presence.takeAbsent(at: service.clock.now)
    if !people.isEmpty { await tellPresence(of: people) }
  }
}

extension Rejection {
  static let tooManyType = Rejection(.busy, "too many people are typing, try again")
}
