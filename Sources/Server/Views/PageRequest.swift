import Domain
import Projections
import Wire

/// `[COUNT n] [AFTER cursor]` of a call, for one list.
struct PageRequest {
  /// A page ends early where its texts come to more: half of what waits on a connection at most.
  static let textBytesMax = 4 << 20

  let list: PageList
  let count: Int
  /// Items lie below this key.
  let before: UInt64
  /// Where the journal stood when the first page was read.
  let asOf: Position

  /// Throws INVALID for a cursor of another list.
  init(_ arguments: Arguments, of list: PageList, now: Position = .zero) throws(Rejection) {
    self.list = list
    count = arguments.integer("count").map { Int($0) } ?? ArgumentSpec.pageCountDefault
    if let text = arguments.text("cursor") {
      let cursor = try Cursor(text: text, for: list)
      before = cursor.key
      asOf = cursor.asOf
    } else {
      before = .max
      asOf = now
    }
  }

  /// A page: `items cursor end`; `next` is nil at the end of history.
  func reply(_ items: [Reply], next: UInt64?) -> Reply {
    let cursor = next.map { Cursor(key: $0, asOf: asOf).text(for: list) }
    return .map([
      "items": .array(items), "cursor": cursor.map { .text($0) } ?? .null,
      "end": .flag(next == nil),
    ])
  }

  /// A page of items that may be long, with the key of each: it ends early rather than with the
  /// connection.
  func reply(_ items: [Reply], keys: [UInt64], next: UInt64?) -> Reply {
    var bytes = 0
    for (index, item) in items.enumerated() {
      bytes += item.textBytes
      if bytes > Self.textBytesMax, index > 0 {
        return reply(Array(items[..<index]), next: keys[index - 1])
      }
    }
    return reply(items, next: next)
  }

  /// A page out of one item more than asked for.
  func reply<Item>(
    _ found: [KeyedItem<Item>], _ describe: (Item) throws -> Reply
  ) rethrows -> Reply {
    let items = found.prefix(count)
    return reply(
      try items.map { try describe($0.item) }, keys: items.map(\.pageKey),
      next: found.count > count ? items.last?.pageKey : nil)
  }
}
