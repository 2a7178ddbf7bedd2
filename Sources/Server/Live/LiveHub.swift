package import Domain
import Entities
import Journal
private import Synchronization

/// One shard's subscribers, and the committed events that they are told of.
///
/// The hub has its own place in the journal, behind that of the projections: the folding of events
/// never waits for subscribers, however many there are. What is told is judged by read models that
/// have the event on every shard.
///
/// A subscription that resumes reads the journal from its position up to where the hub stands, and
/// goes live in the turn in which it has caught up: nothing is missed and nothing comes twice.
package actor LiveHub: CommittedEventSink {
  /// Events that a resumed subscription, or the hub itself, may lie behind; beyond that, whoever
  /// misses some is told of a gap.
  package static let resumedEventsMax: UInt64 = 1_000_000
  /// Records read at once.
  static let recordsPerSliceMax = 256
  /// Subscribers told before the shard's other work gets its turn, at some ten microseconds each;
  /// their sessions then have a job each in line before what comes meanwhile.
  static let subscribersPerSliceMax = 32
  /// Bytes told to each of them before sessions and sockets get their turn: a stranger's box takes
  /// little more, and a burst shall be no gap for one who reads.
  static let bytesPerSliceMax = 8 << 10

  private let executor: any SerialExecutor & TaskExecutor
  private nonisolated let attached = Mutex<Service?>(nil)
  var channels: [Channel: SubscriberList] = [:]
  /// Those who are subscribed to their homes here.
  var homeOwners: Set<UserID> = []
  /// Those who are subscribed to the presence of their friends here.
  var presenceOwners: Set<UserID> = []
  /// Everything up to here has been told, or is being told right now.
  var position = Position.zero
  /// Everything up to here has been folded here.
  private var folded = Position.zero
  private var isPumping = false
  /// What is told beside the journal.
  var whispers = Whispers()

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  package init(executor: any SerialExecutor & TaskExecutor) { self.executor = executor }

  nonisolated func attach(to service: Service) { attached.withLock { $0 = service } }

  nonisolated var service: Service? { attached.withLock { $0 } }

  // MARK: Committed events

  package func fold(_ records: [Record]) async {
    guard let last = records.last else { return }
    folded = last.position
    pump()
  }

  /// Starts telling, unless that is going on.
  func pump() {
    guard !isPumping, let service else {
      if !isPumping { position = folded }
      return
    }
    if channels.isEmpty { return standStill() }
    isPumping = true
    // Without the preference, a yield would go by way of the global executor.
    Task(executorPreference: executor) { await self.pump(service) }
  }

  /// Nobody listens: nothing is looked at.
  private func standStill() {
    position = max(position, folded)
    whispers = Whispers()
  }

  private func pump(_ service: Service) async {
    while position < folded || !whispers.isEmpty {
      if channels.isEmpty {
        standStill()
        break
      }
      if position < folded { await tellSlice(service) }
      if position >= folded { await tellWhispers(service) }
      await Task.yield()
    }
    isPumping = false
  }

  private func tellSlice(_ service: Service) async {
    let count = Int(clamping: min(folded.raw - position.raw, UInt64(Self.recordsPerSliceMax)))
    var cursor = service.journal.cursor(after: position)
    guard !Self.isTooFarBehind(position, folded), let records = try? cursor.next(max: count),
      let last = records.last
    else { return skip(to: folded) }
    // The relations of a viewer are on the viewer's shard.
    await service.reached(last.position)
    var told = 0
    for record in records {
      // Before anything is told: whoever goes live meanwhile has read this record themself.
      position = record.position
      for listeners in await audiences(of: record, service) {
        told += await tell(record, to: listeners, service)
      }
      guard told >= Self.bytesPerSliceMax else { continue }
      told = 0
      // Sessions take what is theirs in the next turn, at whose end it is sent.
      for _ in 0..<2 { await Task.yield() }
    }
  }

  static func isTooFarBehind(_ position: Position, _ head: Position) -> Bool {
    head > position && head.raw - position.raw > resumedEventsMax
  }

  /// Past what cannot be told.
  private func skip(to end: Position) {
    let start = position
    position = end
    for (channel, subscribers) in channels {
      let message = LivePayload.gap(on: channel.name, after: start, to: end)
      for subscriber in subscribers.all where subscriber.isDue(end) { subscriber.push(message) }
    }
  }

  /// Whether something is still to be told.
  package var isTelling: Bool { isPumping || position < folded }

  // MARK: Subscriptions

  package var subscriptionsCount: Int { channels.values.reduce(0) { $0 + $1.all.count } }

  func prepare(
    _ session: Session, as viewpoint: Viewpoint, on channel: Channel, after resumed: Position?
  ) {
    if resumed == nil, channels[channel]?[session.id] != nil { return }
    var start = Mutation.resumeSkipsOne.isPlanted ? resumed?.next : resumed
    if let service {
      position = max(position, service.recovered)
      start = start ?? max(position, service.journal.durable)
    }
    channels[channel, default: SubscriberList()].put(
      Subscriber(session: session, on: channel, as: viewpoint, after: start ?? position))
    switch channel {
    case .home(let owner): homeOwners.insert(owner)
    case .presence(let owner): presenceOwners.insert(owner)
    case .inbox, .chats, .chat, .tag, .post, .user, .everybody: break
    }
  }

  /// Delivers what was missed, beside everything else that happens, and what happens from now on.
  func start(_ session: Session, on channel: Channel) {
    guard let subscriber = channels[channel]?[session.id], !subscriber.isLive, let service else {
      return
    }
    if subscriber.through >= position { return subscriber.goLive(after: position) }
    Task(executorPreference: executor) { await self.catchUp(session.id, channel, service) }
  }

  func unsubscribe(_ session: Session, from channel: Channel) {
    channels[channel]?.remove(session.id)
    guard channels[channel]?.all.isEmpty ?? false else { return }
    channels[channel] = nil
    switch channel {
    case .home(let owner): homeOwners.remove(owner)
    case .presence(let owner): presenceOwners.remove(owner)
    case .inbox, .chats, .chat, .tag, .post, .user, .everybody: break
    }
  }

  /// A connection speaks for somebody else now; what it is subscribed to goes on.
  func look(_ session: Session, on channel: Channel, as viewpoint: Viewpoint) {
    channels[channel]?[session.id]?.look(as: viewpoint)
  }
}
