import Domain
import Engine
import Entities
import Journal
import Projections

/// Who is told of a record, and the telling.
extension LiveHub {
  /// Subscribers of this shard to whom a record may be told, those of one kind of channel together;
  /// what each is shown is decided for each.
  func audiences(of record: Record, _ service: Service) async -> [[Subscriber]] {
    let route = LiveRoute(of: record)
    var audiences = await others(route, record, service).map { listening([$0]) }
    var inboxes = route.inboxes
    if let poll = route.closedPoll {
      inboxes.formUnion(await service.models(of: .post(poll)).read { $0.voters(in: poll) })
    }
    audiences.append(listening(inboxes.sorted().map { .inbox($0) }))
    if let actor = route.homesOf {
      audiences.append(listening(await homes(of: actor, route.homeTags, service)))
    }
    return audiences.filter { !$0.isEmpty }
  }

  /// Channels whose subscribers are not told apart by whose channel it is.
  private func others(
    _ route: LiveRoute, _ record: Record, _ service: Service
  ) async -> [Channel] {
    var found = route.channels
    if let user = route.person, let name = service.engine.names.name(of: user) {
      found.append(.user(user, name))
    }
    if let id = route.chat, let chat = try? service.chat(id) {
      let position = record.position
      let users = await chat.read { $0.participants(at: position) }.value
      found.append(.chat(id))
      found += users.map { .chats($0) }
    }
    return found.filter { channels[$0] != nil }
  }

  private func listening(_ wanted: [Channel]) -> [Subscriber] {
    wanted.flatMap { channels[$0]?.all ?? [] }
  }

  /// The homes here of an actor, of who follows them, and of who follows one of the hashtags.
  ///
  /// An index from authors to the homes that follow them would have to be kept with every follow,
  /// and for every home as many entries as it follows. Instead the shorter of two lists is looked
  /// at, for each post: the author's local followers, or the homes that are subscribed here; and so
  /// for each hashtag, of which the read models know the followers.
  /// Measured (`HomeRoutingBenchmark`, unoptimised build, a busy machine): with 10 000 subscribed
  /// homes, 5 µs for an author with 10 followers and 24 ms for one whom all of them follow; with 3
  /// homes, 5 µs for the latter.
  private func homes(
    of actor: UserID, _ tags: [Tag], _ service: Service
  ) async -> [Channel] {
    let owners = homeOwners
    guard !owners.isEmpty else { return [] }
    let found = await service.models(of: .user(owners.first ?? actor)).read { models in
      var found = Set(models.followers(of: actor, among: owners))
      for tag in tags { found.formUnion(models.followers(of: tag, among: owners)) }
      return found
    }
    let shown = owners.contains(actor) ? found.union([actor]) : found
    return shown.sorted().map { .home($0) }
  }

  /// Tells a record to subscribers of one kind of channel, a slice at a time. Returns how many
  /// bytes one of them was told at most.
  func tell(_ record: Record, to listeners: [Subscriber], _ service: Service) async -> Int {
    var rest = listeners[...]
    var bytes = 0
    while !rest.isEmpty {
      let slice = rest.prefix(Self.subscribersPerSliceMax)
      bytes = max(bytes, await tell(record, toSlice: slice, service))
      rest = rest.dropFirst(Self.subscribersPerSliceMax)
      if !rest.isEmpty { await Task.yield() }
    }
    return bytes
  }

  private func tell(
    _ record: Record, toSlice slice: ArraySlice<Subscriber>, _ service: Service
  ) async -> Int {
    let due = slice.filter { $0.isDue(record.position) }
    guard let channel = due.first?.channel else { return 0 }
    let news = await LivePayload.news(
      of: record, on: channel, for: due.map(\.viewpoint), service)
    for (subscriber, message) in zip(due, news.messages) {
      subscriber.rest(on: news.position)
      if let message { subscriber.push(message) }
    }
    return news.messages.reduce(0) { max($0, $1?.size ?? 0) }
  }

  // MARK: Resuming

  /// Reads the journal for one subscriber until it is where the hub is.
  func catchUp(_ session: UInt64, _ channel: Channel, _ service: Service) async {
    guard let subscriber = channels[channel]?[session], subscriber.begin() else { return }
    var reached = subscriber.through
    if Self.isTooFarBehind(reached, position) {
      reached = tellGap(subscriber, after: reached)
    }
    var cursor = service.journal.cursor(after: reached)
    while reached < position, !subscriber.isEnded {
      let limit = min(Self.recordsPerSliceMax, Int(clamping: position.raw - reached.raw))
      guard let records = try? cursor.next(max: limit), let last = records.last else {
        reached = tellGap(subscriber, after: reached)
        cursor = service.journal.cursor(after: reached)
        continue
      }
      for record in records where LiveRoute(of: record).mayConcern(subscriber.channel) {
        await subscriber.session.room()
        if subscriber.isEnded { return }
        let news = await LivePayload.news(
          of: record, on: subscriber.channel, for: [subscriber.viewpoint], service)
        subscriber.rest(on: news.position)
        if let message = news.messages[0] { subscriber.push(message) }
      }
      reached = last.position
      await Task.yield()
    }
    subscriber.goLive(after: reached)
  }

  private func tellGap(_ subscriber: Subscriber, after start: Position) -> Position {
    subscriber.push(LivePayload.gap(on: subscriber.channel.name, after: start, to: position))
    return position
  }
}
