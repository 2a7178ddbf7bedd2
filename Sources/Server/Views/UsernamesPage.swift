import Domain
import Projections
import Wire

extension Service {
  /// A page of people. Left out is who blocks the viewer or is blocked by them: a block hides each
  /// from the other, in whatever list. `fetch` tells of which position its people are.
  func usernamesPage(
    _ request: PageRequest, viewer: UserID?,
    fetch: (_ before: UInt64, _ limit: Int) async -> (people: [KeyedItem<UserID>], Position)
  ) async -> (reply: Reply, position: Position) {
    var position = Position.zero
    let page = await PageReader(count: request.count).read(
      before: request.before,
      fetch: { before, limit in
        let (people, fetched) = await fetch(before, limit)
        position = max(position, fetched)
        return PageSlice(candidates: people, limit: limit)
      },
      admits: { candidates in
        let eyes = await eyes(of: viewer, on: candidates.map(\.item), since: position)
        return candidates.map { !eyes.isBlocked($0.item) }
      })
    let names = page.items.map { Reply.text(name($0.item)) }
    return (request.reply(names, next: page.next), position)
  }
}
