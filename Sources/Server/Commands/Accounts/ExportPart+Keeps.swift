import Domain
import Engine
import Entities
import Projections

/// What a person keeps at hand: lists of people, bookmarks, pins, followed hashtags.
extension ExportPart {
  mutating func kept(
    _ section: ExportPlace.Section, _ before: UInt64, _ limit: Int
  ) async throws -> Items {
    let found = await (try service.user(user)).read { state in
      state.own.extras.value.kept(section, before: before, limit: limit)
    }
    position = max(position, found.position)
    let items = try found.value.map { (key: $0.key, value: try json($0.item)) }
    return Items(items: items, isEnd: items.count < limit)
  }

  private func json(_ item: KeptItem) throws -> JSON {
    switch item {
    case .post(let post): .string("\(post)")
    case .hashtag(let tag): .string(tag.text)
    case .list(let id, let list):
      .object([
        ("id", .string("\(id)")), ("title", try text(.title, at: list.titlePosition)),
        ("members", .array(list.members.map { .string(service.name($0)) })),
      ])
    }
  }
}

private enum KeptItem: Sendable {
  case post(PostID)
  case hashtag(Tag)
  case list(ListID, PeopleList)
}

extension UserExtras {
  /// At most `limit` items with keys below `before`, newest first; a key is the position at which
  /// the item came, or of a pin its place.
  fileprivate func kept(
    _ section: ExportPlace.Section, before: UInt64, limit: Int
  ) -> [(key: UInt64, item: KeptItem)] {
    switch section {
    case .lists:
      return lists.entries.map { ($0.value.titlePosition.raw, .list($0.key, $0.value)) }
        .filter { $0.0 < before }.sorted { $0.0 > $1.0 }.prefix(limit).map { $0 }
    case .bookmarks:
      return bookmarks.newest(before: Position(before), limit: limit)
        .map { ($0.pageKey, .post($0.item)) }
    case .pins:
      return pins.enumerated().reversed().map { (UInt64($0.offset), .post($0.element)) }
        .filter { $0.0 < before }.prefix(limit).map { $0 }
    case .hashtags:
      return tags.reversed().map { ($0.position.raw, .hashtag($0.tag)) }
        .filter { $0.0 < before }.prefix(limit).map { $0 }
    case .profile, .following, .followers, .requested, .requests, .blocks, .mutes, .media, .chats,
      .events:
      preconditionFailure("\(section) is not kept by the person alone")
    }
  }
}
