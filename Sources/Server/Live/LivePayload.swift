import Domain
import Entities
import Projections
import Wire

/// The JSON that a channel's message carries: `event`, `at` (the journal position) and what
/// happened.
enum LivePayload {
  /// Nil where the viewer may not see it or it does not belong on the channel.
  static func make(
    _ record: Record, channel: Channel, viewer: UserID?, _ service: Service
  ) async -> String? {
    let details: (event: String, fields: [(String, Reply)])?
    switch channel {
    case .home(let owner): details = await home(record, of: owner, service)
    case .inbox(let owner): details = await inbox(record, of: owner, service)
    case .chats, .chat: details = await chat(record, viewer: viewer, service)
    case .tag: details = await tag(record, viewer: viewer, service)
    }
    return details.map { encode($0.event, at: record.position, $0.fields) }
  }

  /// Says that events between two positions were not delivered.
  static func gap(after start: Position, to end: Position) -> String {
    encode("gap", at: end, [("after", .integer(Int64(start.raw)))])
  }

  private static func encode(
    _ event: String, at position: Position, _ fields: [(String, Reply)]
  ) -> String {
    let map = ReplyMap(
      [("event", .text(event)), ("at", .integer(Int64(position.raw)))] + fields)
    var bytes = ReplyWriter.bytes(.map(map), framing: .line, version: .two)
    if bytes.last == 0x0A { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: Posts

  private static func home(
    _ record: Record, of owner: UserID, _ service: Service
  ) async -> (String, [(String, Reply)])? {
    guard case .post(let event) = record.event, case .post(let id) = record.entity else {
      return nil
    }
    switch event {
    case .published(let facts):
      let eyes = await service.homeEyes(of: owner, on: facts, sharer: nil)
      guard let post = await service.readPost(id, viewer: owner),
        eyes.admitsHome(post, sharer: nil), let reply = try? service.reply(post, viewer: owner)
      else { return nil }
      return ("post", [("post", reply)])
    case .shared(_, let author):
      guard let post = await service.readPost(id, viewer: owner), author != owner else {
        return nil
      }
      let eyes = await service.homeEyes(of: owner, on: post.facts, sharer: record.actor)
      guard eyes.admitsHome(post, sharer: record.actor), !eyes.admitsHome(post, sharer: nil),
        let reply = try? service.reply(
          post, viewer: owner, adding: [("shared_by", .text(service.name(record.actor)))])
      else { return nil }
      return ("share", [("post", reply)])
    case .deleted(let facts):
      // Told only to those whose home could show it: that something hidden was there stays hidden.
      let eyes = await service.homeEyes(of: owner, on: facts, sharer: nil)
      let wasShown = eyes.admitsHome(facts, status: .published, sharer: nil)
      return wasShown ? ("delete", [("id", .id(id.raw))]) : nil
    case .liked, .unliked, .unshared:
      return nil
    case .drafted, .redrafted, .released, .discarded, .edited, .moderated: return nil
    case .reacted, .unreacted, .voted, .pollClosed, .viewed: return nil
    }
  }

  private static func tag(
    _ record: Record, viewer: UserID?, _ service: Service
  ) async -> (String, [(String, Reply)])? {
    guard case .post(let event) = record.event, case .post(let id) = record.entity else {
      return nil
    }
    switch event {
    case .published(let facts):
      guard facts.visibility == .public,
        let post = try? await service.visiblePost(id, viewer: viewer),
        let reply = try? service.reply(post, viewer: viewer)
      else { return nil }
      return ("post", [("post", reply)])
    case .deleted(let facts):
      let eyes = await service.eyes(of: viewer, on: [facts.author])
      let wasSeen =
        facts.visibility == .public && eyes.maySee(facts, status: .published)
      return wasSeen ? ("delete", [("id", .id(id.raw))]) : nil
    case .liked, .unliked, .shared, .unshared:
      return nil
    case .drafted, .redrafted, .released, .discarded, .edited, .moderated: return nil
    case .reacted, .unreacted, .voted, .pollClosed, .viewed: return nil
    }
  }

  // MARK: Inbox

  private static func inbox(
    _ record: Record, of owner: UserID, _ service: Service
  ) async -> (String, [(String, Reply)])? {
    let found = await service.models(of: .user(owner)).read { models in
      models.notification(of: owner, causedAt: record.position)
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
