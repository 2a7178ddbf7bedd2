import Domain
import Engine
import Entities
import Projections

/// One part of an export while it is being put together: at most `bytesMax` of JSON, whatever the
/// person has.
struct ExportPart {
  /// Of one part's JSON, also when a line's reply escapes it.
  static let bytesMax = 4 << 20
  /// Kept free for the names of members and brackets.
  private static let frameBytes = 4 << 10
  /// One event takes less: bounded by the longest texts.
  private static let eventBytesMax = 1 << 20
  /// Items of a list that are read in one turn of a shard.
  private static let itemsPerTurn = 1_024

  /// Some items of a list, newest first.
  struct Items {
    var items: [(key: UInt64, value: JSON)]
    var isEnd: Bool
  }

  let service: Service
  let user: UserID
  let asOf: Position
  /// Must be durable before the part is shown.
  var position = Position.zero
  private var account: [(String, JSON)] = []
  private var events: [String] = []
  private var bytes = frameBytes

  init(service: Service, user: UserID, asOf: Position) {
    self.service = service
    self.user = user
    self.asOf = asOf
  }

  /// An object with `account` (where something of it is in this part), `events`, `cursor`, `end`.
  func text(cursor: String?) -> String {
    var members: [String] = []
    if !account.isEmpty { members.append("\"account\":\(JSON.object(account).text)") }
    members.append("\"events\":[\(events.joined(separator: ","))]")
    members.append("\"cursor\":\(cursor.map { JSON.string($0) }?.text ?? "null")")
    members.append("\"end\":\(cursor == nil ? 1 : 0)")
    return "{\(members.joined(separator: ","))}"
  }

  /// Takes in what fits, from a place on; returns where the next part begins, or nil at the end.
  mutating func fill(from start: ExportPlace) async throws -> ExportPlace? {
    var place = start
    while place.section != .events {
      if place.section == .profile {
        try await addProfile()
      } else if let rest = try await addList(from: place) {
        return rest
      }
      place = place.next
    }
    guard Self.bytesMax - bytes >= Self.eventBytesMax else { return place }
    let found = try await service.engine.archivist.events(
      by: user, after: Position(place.key), bytesMax: Self.bytesMax - bytes)
    events = found.lines
    place.key = found.through.raw
    return found.isEnd ? nil : place
  }

  private mutating func add(_ name: String, _ value: JSON) {
    account.append((name, value))
    bytes += JSONSize.bytes(of: value.text) + name.utf8.count
  }

  /// As much of a list as fits; returns where it goes on, or nil if all of it is in.
  private mutating func addList(from start: ExportPlace) async throws -> ExportPlace? {
    var place = start
    var taken: [JSON] = []
    defer { account.append(("\(start.section)", .array(taken))) }
    while true {
      let page = try await items(of: place.section, before: place.key, limit: Self.itemsPerTurn)
      for (key, value) in page.items {
        let size = JSONSize.bytes(of: value.text) + 1
        if bytes + size > Self.bytesMax { return place }
        bytes += size
        taken.append(value)
        place.key = key
      }
      if page.isEnd { return nil }
    }
  }

  // MARK: What there is

  private mutating func addProfile() async throws {
    let state = await (try service.user(user)).read { $0.own }
    let own = state.value
    position = max(position, state.position)
    add("id", .string("\(user)"))
    add("username", own.username.map { .string($0.text) } ?? .null)
    add("name", try text(.name, at: own.texts.name))
    add("bio", try text(.bio, at: own.texts.bio))
    add("avatar", try text(.avatar, at: own.texts.avatar))
    add("email", try text(.email, at: own.texts.email))
    add("private", .bool(own.isPrivate))
    add("messages", .string("\(own.messages)"))
    add("verified", .bool(own.isVerified))
    add("created_at", .int(own.created.ms))
    let tokens = try own.tokens.entries.map { entry in
      JSON.object([
        ("id", .string("\(entry.key)")),
        ("label", try text(.label, at: entry.value.labelPosition)),
        ("scope", .string("\(entry.value.scope)")),
        ("created_at", .int(entry.value.issued.ms)),
        ("expires_at", entry.value.expires.map { .int($0.ms) } ?? .null),
      ])
    }
    add("tokens", .array(tokens))
  }

  func text(_ field: Secret.Field, at position: Position) throws -> JSON {
    try service.text(field, at: position).map { .string($0) } ?? .null
  }

  private mutating func items(
    of section: ExportPlace.Section, before: UInt64, limit: Int
  ) async throws -> Items {
    switch section {
    case .following: await edges(.following, before, limit)
    case .followers: await edges(.followers, before, limit)
    case .requests: await edges(.requestsReceived, before, limit)
    case .blocks: await edges(.blocks, before, limit)
    case .mutes: await edges(.mutes, before, limit)
    case .requested: try await requested(before, limit)
    case .media: try await media(before, limit)
    case .chats: try await chats(before, limit)
    case .lists, .bookmarks, .pins, .hashtags: try await kept(section, before, limit)
    case .profile, .events: Items(items: [], isEnd: true)
    }
  }

  private func edges(_ list: Graph.List, _ before: UInt64, _ limit: Int) async -> Items {
    let user = user
    let found = await service.models(of: .user(user)).read { models in
      models.page(list, of: user, before: before, limit: limit)
    }
    return Items(
      items: found.map { ($0.pageKey, .string(service.name($0.item))) },
      isEnd: found.count < limit)
  }

  /// Whom the person asked to be allowed to follow.
  private mutating func requested(_ before: UInt64, _ limit: Int) async throws -> Items {
    let found = await (try service.user(user)).read { state in
      state.pendingRequestsMade(before: Position(before), limit: limit)
    }
    position = max(position, found.position)
    return Items(
      items: found.value.map { ($0.position.raw, .string(service.name($0.user))) },
      isEnd: found.value.count < limit)
  }

  private mutating func media(_ before: UInt64, _ limit: Int) async throws -> Items {
    let found = await (try service.user(user)).read { state in
      Array(
        state.own.media.entries.filter { $0.value.position.raw < before }
          .sorted { $0.value.position > $1.value.position }.prefix(limit))
    }
    position = max(position, found.position)
    let items = try found.value.map { entry in
      let medium = entry.value
      let value = JSON.object([
        ("id", .string("\(entry.key)")), ("kind", .string("\(medium.kind)")),
        ("url", try text(.link, at: medium.position)),
        ("alt", try text(.alt, at: medium.position)),
      ])
      return (key: medium.position.raw, value: value)
    }
    return Items(items: items, isEnd: items.count < limit)
  }

  /// Those in which the person takes part, last message first.
  private mutating func chats(_ before: UInt64, _ limit: Int) async throws -> Items {
    let user = user
    let asOf = asOf
    let found = await service.models(of: .user(user)).read { models in
      models.chatsPage(of: user, before: before, asOf: asOf, limit: limit)
    }
    var items: [(key: UInt64, value: JSON)] = []
    for entry in found {
      let chat = await (try service.chat(entry.item.chat)).read { state in
        (
          isDirect: state.isDirect, title: state.titlePosition(for: user),
          members: state.isMember(user) ? state.members.map(\.user) : []
        )
      }
      position = max(position, chat.position)
      let value = JSON.object([
        ("id", .string("\(entry.item.chat)")), ("direct", .bool(chat.value.isDirect)),
        ("title", try text(.title, at: chat.value.title)),
        ("members", .array(chat.value.members.map { .string(service.name($0)) })),
      ])
      items.append((entry.pageKey, value))
    }
    return Items(items: items, isEnd: found.count < limit)
  }
}
