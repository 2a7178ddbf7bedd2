import Domain
import Engine
import Entities
import Journal

/// Lists of people, bookmarks, pins, followed hashtags and reports.
extension Townspeople {
  mutating func keep(_ step: Int) async throws {
    // Few, so that there is something to take back.
    let one = users[random(2)]
    switch random(4) {
    case 0: try await changeLists(of: one, step)
    case 1: try await report(by: one, step)
    default:
      let tag = Tag(folded: "tag\(random(5))")
      let post = posts.isEmpty ? PostID(1) : posts[random(min(3, posts.count))].id
      let command: KeepCommand =
        switch random(8) {
        case 0: .bookmark(post)
        case 1: .unbookmark(post)
        case 2: .pin(post, gone: [])
        case 3: .unpin(post)
        case 4...5: .followTag(tag)
        default: .unfollowTag(tag)
        }
      _ = try await entity(one).perform(.keep(command), by: one)
    }
  }

  private mutating func changeLists(of one: UserID, _ step: Int) async throws {
    guard lists.count > 2 || random(2) == 0, !lists.isEmpty else {
      let list = ListID(town.engine.shards[0].ids.next())
      let secret = Secret([.title: "List \(step)"])
      _ = try await entity(one).perform(.list(.make(list, secret: secret)), by: one)
      lists.append((one, list))
      return
    }
    let (owner, list) = lists[random(lists.count)]
    let command: ListCommand =
      switch random(9) {
      case 0: .drop(list)
      case 1...5: .add(list, users[random(2)])
      default: .remove(list, users[random(2)])
      }
    _ = try await entity(owner).perform(.list(command), by: owner)
    if command == .drop(list) { lists.removeAll { $0.list == list } }
  }

  private mutating func report(by one: UserID, _ step: Int) async throws {
    if random(2) == 0, !reports.isEmpty {
      let (reporter, report) = reports.remove(at: random(reports.count))
      _ = try await entity(reporter).perform(.report(.close(report)), by: one)
      return
    }
    let report = ReportID(town.engine.shards[0].ids.next())
    let post = random(2) == 0 ? posts.last?.id : nil
    let other = user()
    let secret = Secret([.text: "Reason \(step)"])
    _ = try await entity(one).perform(
      .report(.make(report, other, post, secret: secret)), by: one)
    reports.append((one, report))
  }
}
