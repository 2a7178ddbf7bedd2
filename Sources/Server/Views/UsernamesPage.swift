import Domain
import Projections
import Wire

extension Service {
  /// A page of people. Left out is who blocks the viewer or is blocked by them: a block hides each
  /// from the other, in whatever list.
  func usernamesPage(
    _ request: PageRequest, viewer: UserID?,
    fetch: (_ before: UInt64, _ limit: Int) async -> [KeyedItem<UserID>]
  ) async -> Reply {
    let page = await PageReader(count: request.count).read(
      before: request.before,
      fetch: { before, limit in
        PageSlice(candidates: await fetch(before, limit), limit: limit)
      },
      admits: { candidates in
        let eyes = await eyes(of: viewer, on: candidates.map(\.item))
        return candidates.map { !eyes.isBlocked($0.item) }
      })
    return request.reply(page.items.map { .text(name($0.item)) }, next: page.next)
  }
}
