package import Domain
internal import Journal
internal import Projections

extension HistoryIndex {
  /// Whom a name belonged to at a position: a number is an id where nobody has it as a name.
  package func user(named text: String, at position: Position) throws -> UserID? {
    if let name = Username(text) {
      let query = HistoryQuery([[.username(name)]], through: position)
      // Of two, which there never are, the first: as a fold takes them.
      if let first = try positions(of: query).first, let record = try reader.record(at: first) {
        return record.actor
      }
    }
    return UserID(text: text)
  }

  /// Where people got their names, became private or public and were erased, up to a position.
  func identities(
    of people: some Sequence<UserID>, through position: Position
  ) throws -> [Position] {
    try positions(underAnyOf: people.map { .identity($0) }, through: position).sorted()
  }
}
