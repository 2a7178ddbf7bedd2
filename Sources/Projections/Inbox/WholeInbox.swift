internal import Domain

/// Everything that there is in somebody's inbox, to be read.
///
/// Followings are one item, which nearly everybody has and which for many is the only one: it lies
/// beside the others.
struct WholeInbox {
  let followings: InboxItem?
  /// Nil if nothing else was ever there.
  let others: PersonInbox?

  var unread: Int {
    var count = others?.unread ?? 0
    if let followings, isUnread(followings) { count += 1 }
    return count
  }

  func isUnread(_ item: InboxItem) -> Bool {
    item.newestActive > max(others?.readThrough ?? 0, item.readThrough)
  }

  func item(id: UInt64) -> InboxItem? {
    if let followings, followings.id == id, followings.activeCount > 0 { return followings }
    return others?.item(id: id)
  }

  /// The same for many ids, in their order. O(items + ids).
  func items(ids: [UInt64]) -> [InboxItem?] {
    let found = others?.items(ids: ids) ?? ids.map { _ in nil }
    guard let followings, followings.activeCount > 0 else { return found }
    return zip(ids, found).map { $0 == followings.id ? followings : $1 }
  }

  func item(_ key: InboxKey) -> InboxItem? {
    key.kind == .follow ? followings : others?.item(key)
  }

  func page(
    before: UInt64, asOf: UInt64, limit: Int, unreadOnly: Bool
  ) -> [(key: UInt64, item: InboxItem)] {
    var page =
      others?.page(before: before, asOf: asOf, limit: limit, unreadOnly: unreadOnly) ?? []
    guard let followings, followings.activeCount > 0, !unreadOnly || isUnread(followings),
      let key = followings.orderKey(asOf: asOf), key < before
    else { return page }
    page.insert((key, followings), at: page.firstIndex { $0.key < key } ?? page.count)
    return Array(page.prefix(limit))
  }
}
