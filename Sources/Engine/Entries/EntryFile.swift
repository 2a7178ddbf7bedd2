internal import Domain
internal import Journal
internal import Projections

/// What `roost replay --projection … --json` writes and `roost diff` reads again, of this version
/// or another: a line that says which part of the state follows, its entries in the order of their
/// keys, and a line that ends them with their digest.
package struct EntryFile {
  /// Bytes of a line: an entry of a snapshot's greatest size, written out.
  package static let lineBytesMax = 1 << 28
  private static let pieceBytes = 1 << 20

  package let path: String
  private let lineBytesMax: Int

  package init(path: String, lineBytesMax: Int = lineBytesMax) {
    self.path = path
    self.lineBytesMax = lineBytesMax
  }

  /// Calls `emit` with each line of a part as of now.
  package static func write(
    _ part: StatePart, of state: any StateEntries, written time: Int64?, _ emit: (String) -> Void
  ) throws {
    emit(
      JSON.object([
        ("part", .string(part.name)), ("fold_version", .uint(UInt64(part.foldVersion))),
        ("position", .uint(state.position.raw)), ("time", time.map { .int($0) } ?? .null),
      ]).text)
    var printer = EntryPrinter(part, of: state)
    let (count, digest) = try SortedEntries(state, of: part).forEach { key, value in
      emit(try printer.line(key: key, value: value))
    }
    emit(
      JSON.object([
        ("end", .string(part.name)), ("entries", .uint(UInt64(count))),
        ("digest", .string(digest.description)),
      ]).text)
  }

  /// The same for people: by names, without what only programs need.
  package static func describe(
    _ part: StatePart, of state: any StateEntries, _ emit: (String) -> Void
  ) throws {
    emit("\(part.name) at position \(state.position)")
    var printer = EntryPrinter(part, of: state, naming: .names)
    let (count, digest) = try SortedEntries(state, of: part).forEach { key, value in
      let (key, value) = try printer.texts(key: key, value: value)
      emit("  \(String(decoding: key, as: UTF8.self)) \(String(decoding: value, as: UTF8.self))")
    }
    emit("  \(count) entries, digest \(digest)")
  }

  /// Calls `body` with the entries of a part. Throws if the file does not have the whole of it.
  func forEachEntry(
    of part: StatePart, _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void
  ) throws {
    var isInPart = false
    var isFound = false
    var number = 0
    try forEachLine { line in
      number += 1
      let json = JSONText(line)
      if let name = json["part"]?.string {
        isInPart = name == part.name
      } else if let name = json["end"]?.string {
        isInPart = false
        if name == part.name { isFound = true }
      } else if let key = json["key"], let value = json["value"] {
        if isInPart { try body(key.raw, value.raw) }
      } else {
        throw EntriesError(
          "\(path), line \(number) is no entry: replay --projection --json writes them")
      }
    }
    guard isFound else { throw EntriesError("\(path) has not the whole of \(part.name)") }
  }

  private func forEachLine(_ body: ([UInt8]) throws -> Void) throws {
    let file = try TextFile(path: path)
    var line: [UInt8] = []
    while true {
      let piece = try file.read(count: Self.pieceBytes)
      if piece.isEmpty { break }
      var rest = piece[...]
      while let end = rest.firstIndex(of: 0x0A) {
        line += rest[..<end]
        if line.count > lineBytesMax { throw tooLong }
        if !line.isEmpty { try body(line) }
        line.removeAll(keepingCapacity: true)
        rest = rest[(end + 1)...]
      }
      line += rest
      if line.count > lineBytesMax { throw tooLong }
    }
    if !line.isEmpty { try body(line) }
  }

  private var tooLong: EntriesError {
    EntriesError("\(path) has a line of more than \(lineBytesMax) bytes")
  }
}
