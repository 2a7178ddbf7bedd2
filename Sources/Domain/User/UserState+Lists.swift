/// What can be asked of somebody's lists of people.
package enum ListCommand: Equatable, Sendable {
  /// Secret: title. Answers the id.
  case make(ListID, secret: Secret)
  case drop(ListID)
  case add(ListID, UserID)
  case remove(ListID, UserID)
}

extension UserState {
  package static let listsMax = 100
  package static let listMembersMax = 500

  func decideList(_ command: ListCommand) throws(Rejection) -> Decision {
    switch command {
    case .make(let list, let secret):
      return try decideMakeList(list, secret)
    case .drop(let list):
      _ = try self.list(list)
      return Decision([Draft(.user(.listDropped(list)))], .ok)
    case .add(let list, let other):
      return try decideAdd(other, to: list)
    case .remove(let list, let other):
      if try self.list(list).members.contains(other) {
        return Decision([Draft(.user(.listRemoved(list, other)))], .ok)
      }
      // A block hides who made it, but from a list that names them already.
      if isBlocked(by: other) { throw .noSuchUser }
      return Decision([], .ok)
    }
  }

  /// One of the person's own lists. Throws NOTFOUND.
  package func list(_ id: ListID) throws(Rejection) -> PeopleList {
    guard let list = own.extras.value.lists[id] else { throw .noSuchList }
    return list
  }

  private func decideMakeList(_ list: ListID, _ secret: Secret) throws(Rejection) -> Decision {
    try secret.validateListTitle()
    guard own.extras.value.lists[list] == nil else {
      throw Rejection(.conflict, "there is a list with this id already")
    }
    guard own.extras.value.lists.count < Self.listsMax else {
      throw Rejection(.denied, "at most \(Self.listsMax) lists; drop one first")
    }
    return Decision([Draft(.user(.listMade(list)), secret: secret)], .id(list.raw))
  }

  /// Following is not needed; a block either way forbids it.
  private func decideAdd(_ other: UserID, to list: ListID) throws(Rejection) -> Decision {
    let members = try self.list(list).members
    guard !isBlocked(by: other) else { throw .noSuchUser }
    guard !isBlocking(other) else {
      throw Rejection(.denied, "you block this person; unblock them first")
    }
    if members.contains(other) { return Decision([], .ok) }
    guard members.count < Self.listMembersMax else {
      throw Rejection(.denied, "a list has at most \(Self.listMembersMax) members")
    }
    return Decision([Draft(.user(.listAdded(list, other)))], .ok)
  }
}
