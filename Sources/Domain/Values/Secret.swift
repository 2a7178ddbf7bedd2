/// Personal text of one event: sealed with the actor's key before it is journaled, never part of a
/// folded state. States keep the position and read the text when it is shown.
package struct Secret: Equatable, Sendable {
  /// Field numbers are part of the journal's format: never reuse one.
  package enum Field: UInt8, Sendable, CaseIterable {
    case text = 1
    case warning = 2
    case name = 3
    case bio = 4
    case avatar = 5
    case email = 6
    /// An Argon2id hash in PHC string form.
    case passwordHash = 7
    case title = 8
    case label = 9
    case link = 10
    /// What a picture shows, for those who do not see it.
    case alt = 11
    /// The options of a poll, one a line.
    case options = 12
  }

  /// In ascending order of field number, each field at most once.
  package private(set) var fields: [(field: Field, value: String)]

  package init(_ fields: [Field: String]) {
    self.fields = fields.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
  }

  /// With one field.
  package init(_ field: Field, _ value: String) { fields = [(field, value)] }

  package subscript(field: Field) -> String? {
    for entry in fields where entry.field == field { return entry.value }
    return nil
  }

  package static func == (left: Secret, right: Secret) -> Bool {
    left.fields.elementsEqual(right.fields) { $0.field == $1.field && $0.value == $1.value }
  }
}

extension Secret {
  /// Which fields a secret holds: the open part of an event says so, because folds never see the
  /// sealed part. The bit of a field is 1 shifted by its number.
  package struct Fields: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }
    package init(_ field: Field) { self.rawValue = 1 << UInt16(field.rawValue) }

    package static let name = Fields(.name)
    package static let bio = Fields(.bio)
    package static let avatar = Fields(.avatar)
    package static let email = Fields(.email)
    package static let passwordHash = Fields(.passwordHash)
    package static let title = Fields(.title)
  }

  package var fieldSet: Fields {
    fields.reduce(into: Fields()) { $0.insert(Fields($1.field)) }
  }
}
