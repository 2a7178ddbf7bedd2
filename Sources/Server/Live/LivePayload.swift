import Domain
import Entities
import Projections
import Wire

/// A record's messages for several subscribers of one kind of channel.
struct LiveNews {
  /// In the order of the viewers; nil where one may not see it, or it does not belong there.
  var messages: [LiveMessage?]
  /// What is told, and what is not, rests on events up to here.
  var position = Position.zero

  init(messages: [LiveMessage?], position: Position = .zero) {
    self.messages = messages
    self.position = position
  }

  static func none(for viewers: [Viewpoint]) -> LiveNews {
    LiveNews(messages: Array(repeating: nil, count: viewers.count))
  }
}

/// The JSON that a channel's message carries: `event`, `at` (the journal position) and what
/// happened.
enum LivePayload {
  typealias Details = (event: String, fields: [(String, Reply)])

  /// What a record tells each of several viewers on a channel of this kind; of `home`, `inbox` and
  /// `chats`, each on their own.
  static func news(
    of record: Record, on channel: Channel, for viewers: [Viewpoint], _ service: Service
  ) async -> LiveNews {
    switch channel {
    case .home, .tag, .everybody, .user, .post:
      guard let news = PostNews(record, on: channel, service) else { return .none(for: viewers) }
      return await news.told(to: viewers)
    case .inbox:
      return await each(record, on: channel, viewers) { await inbox(record, of: $0, service) }
    case .chats, .chat:
      return await chat(record, on: channel, for: viewers, service)
    case .presence:
      return .none(for: viewers)
    }
  }

  /// Viewers who are told the same share a message.
  private static func each(
    _ record: Record, on channel: Channel, _ viewers: [Viewpoint],
    _ details: (UserID) async -> Details?
  ) async -> LiveNews {
    var news = LiveNews.none(for: viewers)
    var known: [UserID: LiveMessage?] = [:]
    var last: (map: ReplyMap, message: LiveMessage)?
    for (index, viewer) in viewers.enumerated() {
      guard let user = viewer.user else { continue }
      if let message = known[user] {
        news.messages[index] = message
        continue
      }
      if let told = await details(user) {
        let map = fields(told.event, at: record.position, told.fields)
        if last?.map != map {
          last = (
            map, LiveMessage(channel: channel.name, payload: encode(map), at: record.position)
          )
        }
        news.messages[index] = last?.message
      }
      known[user] = .some(news.messages[index])
    }
    return news
  }

  /// Says that events between two positions were not delivered.
  static func gap(on channel: String, after start: Position, to end: Position) -> LiveMessage {
    let payload = encode("gap", at: end, [("after", .integer(Int64(start.raw)))])
    return LiveMessage(channel: channel, payload: payload, at: end)
  }

  static func encode(_ event: String, at position: Position, _ more: [(String, Reply)]) -> String {
    encode(fields(event, at: position, more))
  }

  private static func fields(
    _ event: String, at position: Position, _ more: [(String, Reply)]
  ) -> ReplyMap {
    ReplyMap([("event", .text(event)), ("at", .integer(Int64(position.raw)))] + more)
  }

  private static func encode(_ map: ReplyMap) -> String {
    var bytes = ReplyWriter.bytes(.map(map), framing: .line, version: .two)
    if bytes.last == 0x0A { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: Inbox

  private static func inbox(
    _ record: Record, of owner: UserID, _ service: Service
  ) async -> Details? {
    let found = await service.models(of: .user(owner)).read { models in
      models.notification(of: owner, causedBy: record)
        .map { (entry: $0, unread: models.unread(of: owner)) }
    }
    guard let found else { return nil }
    return (
      "notification",
      [
        ("item", service.reply(found.entry)),
        ("unread", .integer(Int64(found.unread))),
      ]
    )
  }
}
