package import Domain
internal import Journal
internal import Projections

/// What people are called as of a position; each is looked up once. Not to be shared between
/// threads.
package final class NameBook {
  private let index: HistoryIndex
  private let position: Position
  private let namesMax: Int
  private var names: [UserID: String] = [:]
  /// By now, whatever they were then.
  private var erased: Set<UserID>?

  /// Past `namesMax` names it begins anew.
  package init(_ index: HistoryIndex, at position: Position, namesMax: Int = 65_536) {
    self.index = index
    self.position = position
    self.namesMax = namesMax
  }

  /// How many names it holds.
  package var count: Int { names.count }

  package func name(_ id: UserID) throws -> String {
    if let known = names[id] { return known }
    if names.count >= namesMax { names.removeAll(keepingCapacity: true) }
    let name = try find(id)
    names[id] = name
    return name
  }

  private func isErased(_ id: UserID) throws -> Bool {
    if let erased { return erased.contains(id) }
    let people = Set(try index.reader.erasedPeople())
    erased = people
    return people.contains(id)
  }

  private func find(_ id: UserID) throws -> String {
    if id == .system { return "the system" }
    if try isErased(id) { return EntityViews.goneName }
    var name: String?
    for position in try index.identities(of: [id], through: position) {
      switch try index.reader.record(at: position)?.event {
      case .user(.signedUp(let username, _)): name = name ?? username.text
      case .user(.erased): return EntityViews.goneName
      case .user, .post, .chat, .tag, nil: break
      }
    }
    return name ?? "\(id)"
  }
}
