package import Domain
package import Wire

/// A request's arguments, read as the command's specification says.
package struct Arguments: Sendable {
  package enum Value: Sendable, Equatable {
    case text(String)
    case username(Username)
    case id(UInt64)
    case integer(Int64)
    case flag
  }

  private var values: [(name: String, value: Value)] = []
  /// What a `rest` argument took.
  package private(set) var rest: [Argument] = []

  package init() {}

  private subscript(name: String) -> Value? {
    for entry in values where entry.name == name { return entry.value }
    return nil
  }

  package func text(_ name: String) -> String? {
    if case .text(let text) = self[name] { return text }
    return nil
  }

  package func username(_ name: String = "username") -> Username? {
    if case .username(let username) = self[name] { return username }
    return nil
  }

  package func usernames(_ name: String = "username") -> [Username] {
    values.compactMap { entry in
      if entry.name == name, case .username(let username) = entry.value { return username }
      return nil
    }
  }

  package func texts(_ name: String) -> [String] {
    values.compactMap { entry in
      if entry.name == name, case .text(let text) = entry.value { return text }
      return nil
    }
  }

  package func id(_ name: String = "id") -> UInt64? {
    if case .id(let id) = self[name] { return id }
    return nil
  }

  /// In the order in which they were given.
  package func ids(_ name: String) -> [UInt64] {
    values.compactMap { entry in
      if entry.name == name, case .id(let id) = entry.value { return id }
      return nil
    }
  }

  /// In the order in which they were given.
  package func integers(_ name: String) -> [Int64] {
    values.compactMap { entry in
      if entry.name == name, case .integer(let integer) = entry.value { return integer }
      return nil
    }
  }

  package func integer(_ name: String) -> Int64? {
    if case .integer(let integer) = self[name] { return integer }
    return nil
  }

  package func has(_ name: String) -> Bool { self[name] != nil }

  /// Reads what follows a command's name. Throws INVALID for a value that does not fit and ERR for
  /// a wrong number of arguments.
  package init(
    _ arguments: ArraySlice<Argument>, as command: CommandSpec
  ) throws(Rejection) {
    guard command.accepts(count: command.nameWords + arguments.count) else {
      throw command.wrongCount
    }
    values.reserveCapacity(arguments.count)
    var index = arguments.startIndex
    for place in 0..<command.positionalCount {
      try readPositional(command.arguments[place], of: command, arguments, &index)
    }
    while index < arguments.endIndex {
      try readOption(of: command, arguments, &index)
    }
    guard command.hasRequiredOptions else { return }
    for spec in command.arguments where !spec.isOptional && spec.token != nil && !has(spec.name) {
      throw command.wrongCount
    }
  }

  private mutating func readPositional(
    _ spec: ArgumentSpec, of command: CommandSpec, _ arguments: ArraySlice<Argument>,
    _ index: inout Int
  ) throws(Rejection) {
    if spec.kind == .rest {
      rest = Array(arguments[index...])
      index = arguments.endIndex
      return
    }
    var taken = 0
    while index < arguments.endIndex, taken == 0 || spec.isRepeated {
      if taken > 0 || spec.isOptional, command.option(named: arguments[index].text) != nil { break }
      values.append((spec.name, try Self.read(arguments[index], as: spec)))
      index += 1
      taken += 1
    }
    if taken == 0, !spec.isOptional { throw command.wrongCount }
  }

  private mutating func readOption(
    of command: CommandSpec, _ arguments: ArraySlice<Argument>, _ index: inout Int
  ) throws(Rejection) {
    guard let spec = command.option(named: arguments[index].text) else {
      if command.hasOptions, let word = arguments[index].text {
        throw Rejection(.invalid, "\(command.name) knows no option '\(word.prefix(40))'")
      }
      throw command.wrongCount
    }
    if self[spec.name] != nil, !spec.isRepeated {
      throw Rejection(.invalid, "\(spec.token ?? spec.name) is given twice")
    }
    index += 1
    if spec.kind == .flag { return values.append((spec.name, .flag)) }
    if let range = spec.countedRange {
      return try readCounted(spec, range, arguments, &index)
    }
    if let valuesMax = spec.valuesMax {
      return try readValues(spec, max: valuesMax, of: command, arguments, &index)
    }
    for _ in 0..<spec.valuesCount {
      guard index < arguments.endIndex else {
        throw Rejection(.invalid, "\(spec.token ?? spec.name) needs a value")
      }
      values.append((spec.name, try Self.read(arguments[index], as: spec)))
      index += 1
    }
  }

  /// A number, then so many values, whatever they look like.
  private mutating func readCounted(
    _ spec: ArgumentSpec, _ range: ClosedRange<Int>, _ arguments: ArraySlice<Argument>,
    _ index: inout Int
  ) throws(Rejection) {
    let token = spec.token ?? spec.name
    guard index < arguments.endIndex, let count = arguments[index].text.flatMap({ Int($0) }),
      range.contains(count)
    else {
      throw Rejection(
        .invalid, "\(token) needs a number from \(range.lowerBound) to \(range.upperBound)")
    }
    index += 1
    guard arguments.endIndex - index >= count else {
      throw Rejection(.invalid, "\(token) \(count) needs \(count) values")
    }
    for argument in arguments[index..<index + count] {
      values.append((spec.name, try Self.read(argument, as: spec)))
    }
    index += count
  }

  /// The first value may look like an option's word, the others end before one.
  private mutating func readValues(
    _ spec: ArgumentSpec, max: Int, of command: CommandSpec, _ arguments: ArraySlice<Argument>,
    _ index: inout Int
  ) throws(Rejection) {
    var taken = 0
    while index < arguments.endIndex {
      if taken > 0, command.option(named: arguments[index].text) != nil { break }
      guard taken < max else {
        throw Rejection(.invalid, "\(spec.token ?? spec.name) takes at most \(max) values")
      }
      values.append((spec.name, try Self.read(arguments[index], as: spec)))
      index += 1
      taken += 1
    }
    if taken == 0 { throw Rejection(.invalid, "\(spec.token ?? spec.name) needs a value") }
  }

  private static func read(
    _ argument: Argument, as spec: ArgumentSpec
  ) throws(Rejection) -> Value {
    guard let text = argument.text else {
      throw Rejection(.invalid, "\(spec.name) is not UTF-8")
    }
    switch spec.kind {
    case .text: return .text(text)
    case .username:
      guard let username = Username(argument: text) else {
        throw Rejection(.invalid, "a username has 3–30 of a–z, 0–9 and _")
      }
      return .username(username)
    case .id:
      guard let id = PostID(text: text) else {
        throw Rejection(.invalid, "\(spec.name) is not an id")
      }
      return .id(id.raw)
    case .integer(let range):
      guard let integer = Int64(text), range.contains(integer) else {
        throw Rejection(
          .invalid,
          "\(spec.name) is a whole number from \(range.lowerBound) to \(range.upperBound)")
      }
      return .integer(integer)
    case .word(let words):
      let word = text.lowercased()
      guard words.contains(word) else {
        throw Rejection(.invalid, "\(spec.name) is one of \(words.joined(separator: ", "))")
      }
      return .text(word)
    case .flag, .rest:
      return .flag
    }
  }
}

extension Username {
  /// With or without `@` in front, which tells a person from a word of a command; nil if it is no
  /// username.
  init?(argument text: String) { self.init(text.hasPrefix("@") ? String(text.dropFirst()) : text) }
}
