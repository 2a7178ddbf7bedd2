import Domain
import Journal
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
      before = Mutation.cursorInclusive.isPlanted ? cursor.key + 1 : cursor.key
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

  /// A page written straight, of one item for each key; `write` puts it down. It ends early where
  /// its items come to more than a page may, as the other below.
  func written(
    _ keys: some Collection<UInt64>, next: UInt64?, in dialect: ReplyDialect,
    _ write: (_ index: Int, _ stream: inout ReplyStream) throws -> Void
  ) rethrows -> [UInt8] {
    var stream = ReplyStream(dialect)
    stream.reserve(keys.count * Self.itemBytes)
    stream.beginMap(3)
    stream.key(.items)
    stream.beginArray(keys.count)
    var last: UInt64?
    for (index, key) in keys.enumerated() {
      try write(index, &stream)
      // How many items a page has stands before them: so it is begun anew.
      if stream.count > Self.textBytesMax, index > 0 {
        return try written(keys.prefix(index), next: last, in: dialect, write)
      }
      last = key
    }
    stream.endArray()
    stream.key(.cursor)
    stream.text(next.map { Cursor(key: $0, asOf: asOf).text(for: list) })
    stream.key(.end)
    stream.flag(next == nil)
    stream.endMap()
    return stream.finish()
  }

  /// What an item takes, about.
  private static let itemBytes = 800

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

extension ReplyKey {
  fileprivate static let items = ReplyKey("items")
  fileprivate static let cursor = ReplyKey("cursor")
  fileprivate static let end = ReplyKey("end")
}
