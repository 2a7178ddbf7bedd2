package import Domain
private import Synchronization

/// Usernames and the people that they name, both ways; where a username's uniqueness is decided.
///
/// A name is reserved before the sign-up is decided, confirmed when that is enqueued, and released
/// if it is refused: of two concurrent sign-ups with one name exactly one is accepted, and nobody
/// finds a person who may never come to be.
package final class NameIndex: Sendable {
  private struct Names: Sendable {
    /// Everybody who has a name, in rows that are never taken away.
    private var people: [(name: Username, id: UserID)] = []
    private var byName = RowIndex()
    private var byID = RowIndex()
    var reserved: [Username: UserID] = [:]
    var erased: Set<UserID> = []

    var count: Int { people.count }

    func id(of name: Username) -> UserID? { row(of: name).map { people[Int($0)].id } }

    func name(of id: UserID) -> Username? {
      byID[mix64(id.raw)].map { people[Int($0)].name }
    }

    private func row(of name: Username) -> UInt32? {
      byName.first(hash: name.stableHash) { people[Int($0)].name == name }
    }

    /// Those of a snapshot, none of whom is known yet.
    mutating func adopt(_ new: [(name: Username, id: UserID)]) {
      let rows = UInt32(people.count)...
      people += new
      byName.insert(contentsOf: zip(rows, new).map { ($0, $1.name.stableHash) })
      byID.insert(contentsOf: zip(rows, new).map { ($0, mix64($1.id.raw)) })
    }

    /// Nothing if it is known: nobody's name changes.
    mutating func adopt(_ name: Username, of id: UserID) {
      reserved[name] = nil
      guard row(of: name) == nil, byID[mix64(id.raw)] == nil else { return }
      let row = UInt32(people.count)
      people.append((name, id))
      byName.insert(row, hash: name.stableHash)
      byID.insert(row, hash: mix64(id.raw))
    }
  }

  private let names = Mutex(Names())
  private let newest = Atomic<UInt64>(0)

  package init() {}

  /// False if the name is taken, or about to be.
  package func reserve(_ name: Username, for id: UserID) -> Bool {
    names.withLock { names in
      guard names.id(of: name) == nil, names.reserved[name] == nil else { return false }
      names.reserved[name] = id
      return true
    }
  }

  /// The person exists from now on, by the event at this position.
  package func confirm(_ name: Username, of id: UserID, at position: Position) {
    names.withLock { names in
      names.adopt(name, of: id)
      if position.raw > newest.load(ordering: .relaxed) {
        newest.store(position.raw, ordering: .releasing)
      }
    }
  }

  /// Takes in the names of people from a snapshot, each of whom is taken in once.
  package func adopt(_ people: [(name: Username, id: UserID)]) {
    names.withLock { $0.adopt(people) }
  }

  /// Takes in a name from the journal or a snapshot.
  package func adopt(_ name: Username, of id: UserID) {
    names.withLock { $0.adopt(name, of: id) }
  }

  /// Follows the committed events.
  func fold(_ record: Record) {
    guard case .user(let event) = record.event, case .user(let id) = record.entity else { return }
    if case .signedUp(let name, _) = event { adopt(name, of: id) }
    if case .erased = event { markErased(id) }
  }

  /// The person asked to be forgotten: their name stays taken and is shown no more.
  package func markErased(_ id: UserID) { names.withLock { _ = $0.erased.insert(id) } }

  /// A person's name, and whether it is shown no more: in one look.
  package func shownName(of id: UserID) -> (name: Username?, isErased: Bool) {
    names.withLock { ($0.name(of: id), $0.erased.contains(id)) }
  }

  package func isErased(_ id: UserID) -> Bool { names.withLock { $0.erased.contains(id) } }

  /// All who asked to be forgotten, ascending.
  package var erased: [UserID] { names.withLock { $0.erased }.sorted() }

  /// Gives a reservation back.
  package func release(_ name: Username, of id: UserID) {
    names.withLock { names in
      if names.reserved[name] == id { names.reserved[name] = nil }
    }
  }

  /// Who has the name or has reserved it, durable or not.
  package func holder(of name: Username) -> UserID? {
    names.withLock { $0.id(of: name) ?? $0.reserved[name] }
  }

  package func id(of name: Username) -> UserID? { names.withLock { $0.id(of: name) } }

  package func name(of id: UserID) -> Username? { names.withLock { $0.name(of: id) } }

  /// Of the newest sign-up of this process, durable or not: whoever is shown what rests on the
  /// existence of a person waits for it.
  package var newestSignUp: Position { Position(newest.load(ordering: .acquiring)) }

  package var count: Int { names.withLock { $0.count } }
}
