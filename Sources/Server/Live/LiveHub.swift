package import Domain
import Entities
import Journal
import Projections
private import Synchronization

/// One shard's subscribers, and the committed events that they are told of.
///
/// A subscription that resumes reads the journal from its position up to where the hub stands, and
/// goes live in the turn in which it has caught up: nothing is missed and nothing comes twice.
package actor LiveHub: CommittedEventSink {
  /// Events that a resumed subscription may lie behind; beyond that it is told of a gap.
  package static let resumedEventsMax: UInt64 = 1_000_000
  /// Records read at once for a resuming subscription.
  private static let resumeSliceMax = 256

  private let executor: any SerialExecutor
  private nonisolated let service = Mutex<Service?>(nil)
  private var subscribers: [Channel: [Subscriber]] = [:]
  private var position = Position.zero

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  package init(executor: any SerialExecutor) { self.executor = executor }

  nonisolated func attach(to service: Service) { self.service.withLock { $0 = service } }

  package func fold(_ records: [Record]) async {
    guard let service = service.withLock({ $0 }) else { return }
    for record in records {
      position = record.position
      guard !subscribers.isEmpty else { continue }
      for channel in await channels(of: record, service) {
        await publish(record, on: channel, service)
      }
    }
  }

  var subscriptionsCount: Int { subscribers.values.reduce(0) { $0 + $1.count } }

  func prepare(
    _ session: Session, as viewer: UserID?, on channel: Channel, after position: Position?
  ) {
    if let known = subscriber(session, on: channel) {
      if position == nil { return }
      known.end()
      subscribers[channel]?.removeAll { $0 === known }
    }
    if let service = service.withLock({ $0 }) {
      self.position = max(self.position, service.recovered)
    }
    subscribers[channel, default: []].append(
      Subscriber(session: session, viewer: viewer, after: position ?? self.position))
  }

  func start(_ session: Session, on channel: Channel) async {
    guard let subscriber = subscriber(session, on: channel), !subscriber.isLive,
      let service = service.withLock({ $0 })
    else { return }
    await resume(subscriber, on: channel, service)
  }

  func unsubscribe(_ session: Session, from channel: Channel) {
    subscriber(session, on: channel)?.end()
    subscribers[channel]?.removeAll { $0.session.id == session.id }
    if subscribers[channel]?.isEmpty ?? false { subscribers[channel] = nil }
  }

  private func subscriber(_ session: Session, on channel: Channel) -> Subscriber? {
    subscribers[channel]?.first { $0.session.id == session.id }
  }

  private func publish(_ record: Record, on channel: Channel, _ service: Service) async {
    for listener in subscribers[channel] ?? [] where listener.isDue(record.position) {
      await deliver(record, on: channel, to: listener, service)
    }
  }

  private func deliver(
    _ record: Record, on channel: Channel, to listener: Subscriber, _ service: Service
  ) async {
    let payload = await LivePayload.make(
      record, channel: channel, viewer: listener.viewer, service)
    if let payload { await push(payload, on: channel, to: listener) }
  }

  private func push(_ payload: String, on channel: Channel, to listener: Subscriber) async {
    guard !listener.isEnded else { return }
    if await !listener.session.push(channel, payload: payload) { listener.end() }
  }

  private func resume(
    _ subscriber: Subscriber, on channel: Channel, _ service: Service
  ) async {
    let start = subscriber.through
    var reached = start
    if position.raw > start.raw, position.raw - start.raw > Self.resumedEventsMax {
      reached = position
      await push(LivePayload.gap(after: start, to: reached), on: channel, to: subscriber)
    }
    var cursor = service.journal.cursor(after: reached)
    while reached < position, !subscriber.isEnded {
      let limit = min(Self.resumeSliceMax, Int(clamping: position.raw - reached.raw))
      guard let records = try? cursor.next(max: limit), let last = records.last else {
        let end = position
        await push(LivePayload.gap(after: reached, to: end), on: channel, to: subscriber)
        reached = end
        cursor = service.journal.cursor(after: reached)
        continue
      }
      for record in records where !subscriber.isEnded {
        guard await channels(of: record, service).contains(channel) else { continue }
        await deliver(record, on: channel, to: subscriber, service)
      }
      reached = last.position
      await Task.yield()
    }
    subscriber.goLive(after: reached)
  }

  /// The channels with subscribers here on which an event may appear; what each viewer is shown is
  /// decided for each.
  private func channels(of record: Record, _ service: Service) async -> [Channel] {
    switch record.event {
    case .user(let event):
      return event.other.map { listening([.inbox($0)]) } ?? []
    case .post(let event):
      return await channels(of: event, by: record.actor, service)
    case .chat(let event):
      guard case .chat(let id) = record.entity, let chat = try? service.chat(id) else { return [] }
      let position = record.position
      let users = await chat.read { $0.participants(at: position) }.value
      return listening(
        [.chat(id)] + users.map { .chats($0) } + event.invited.map { .inbox($0) })
    case .tag:
      return []
    }
  }

  private func channels(
    of event: PostEvent, by actor: UserID, _ service: Service
  ) async -> [Channel] {
    switch event {
    case .published(let facts), .deleted(let facts):
      var channels: [Channel] = facts.tags.map { .tag($0) }
      var addressees = facts.mentions
      if let reply = facts.reply { addressees.append(reply.parentAuthor) }
      if let quote = facts.quote { addressees.append(quote.author) }
      channels += Set(addressees).sorted().map { .inbox($0) }
      return await listening(channels) + homes(showing: actor, facts.tags, service)
    case .shared(_, let author):
      return await listening([.inbox(author)]) + homes(showing: actor, [], service)
    case .liked(let author):
      return listening([.inbox(author)])
    case .unliked, .unshared:
      return []
    case .drafted, .redrafted, .released, .discarded, .edited, .moderated: return []
    case .reacted, .unreacted, .voted, .pollClosed, .viewed: return []
    }
  }

  private func listening(_ channels: [Channel]) -> [Channel] {
    channels.filter { subscribers[$0] != nil }
  }

  /// The subscribed homes of this shard that follow the actor or one of the hashtags, and the
  /// actor's own.
  private func homes(
    showing actor: UserID, _ tags: [Tag], _ service: Service
  ) async -> [Channel] {
    let viewers = subscribers.keys.compactMap { channel -> UserID? in
      if case .home(let viewer) = channel { return viewer }
      return nil
    }.sorted()
    guard let first = viewers.first else { return [] }
    return await service.models(of: .user(first)).read { models in
      viewers.filter { viewer in
        viewer == actor || models.relation(of: viewer, to: actor).follows
          || !tags.isEmpty && models.followedTags(of: viewer).contains { tags.contains($0) }
      }.map { .home($0) }
    }
  }
}

/// One session on one channel. Not live at first: then the journal is read for it.
private final class Subscriber {
  let session: Session
  let viewer: UserID?
  private(set) var isLive = false
  private(set) var isEnded = false
  /// Everything up to here was delivered, or lies before the subscription.
  private(set) var through: Position

  init(session: Session, viewer: UserID?, after position: Position) {
    self.session = session
    self.viewer = viewer
    through = position
  }

  func isDue(_ position: Position) -> Bool { isLive && !isEnded && position > through }

  func goLive(after position: Position) {
    isLive = true
    through = max(through, position)
  }

  /// Nothing is delivered any more.
  func end() { isEnded = true }
}
