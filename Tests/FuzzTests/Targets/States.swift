import Domain

@testable import Engine
@testable import Entities
@testable import Journal

extension FuzzTarget {
  /// An entity's entry in a snapshot: what is accepted is written in one canonical form, which is
  /// read as the same state; operators can see it, so its shape fits.
  static let states = FuzzTarget(
    name: "states", bytesMax: 2_048,
    words: [
      [0xF6], [0xF5], [0x95], [0x8B], [0x88], [0x85], [0x86], [0x87], [0x1B, 0x7F], [0x1B, 0xFF],
    ],
    seeds: {
      try storedEntries().flatMap { section, key, value -> [[UInt8]] in
        guard let kind = EntityKind.all.firstIndex(where: { StateDigests.name(of: $0) == section })
        else { return [] }
        return [[UInt8(kind), UInt8(key.count >> 8), UInt8(key.count & 0xFF)] + key + value]
      }
    },
    run: { input in
      var source = ByteSource(input)
      let kind = source.choice(EntityKind.all)
      let key = source.bytes()
      let value = source.rest
      switch kind {
      case .user: check(UserState.self, key, value)
      case .post: check(PostState.self, key, value)
      case .chat: check(ChatState.self, key, value)
      case .tag: check(TagState.self, key, value)
      }
    })
}

private func check<State: StateCoding>(
  _: State.Type, _ key: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>
) {
  guard let entity = try? EntityEntry.read(State.self, key: key, value: value) else { return }
  var entry = EntityEntry()
  entry.write(entity)
  hold(entry.key.bytes.elementsEqual(key), "the key of \(entity.key) is written otherwise")
  let canonical = entry.value.bytes
  guard let again = try? EntityEntry.read(State.self, key: key, value: canonical[...]) else {
    fatalError("\(entity) is not read back")
  }
  entry.write(again)
  hold(entry.value.bytes == canonical, "\(entity) is read back as \(again)")
  hold(again.state == entity.state, "\(entity) is read back as another state")
  var printer = EntryPrinter(.entities(State.kind), of: Nobody())
  do {
    let state = Array(try EntityEntry.parts(of: canonical).state)
    let (key, value) = try printer.texts(key: entry.key.bytes, value: state)
    _ = try JSONValue.parse(key[...])
    _ = try JSONValue.parse(value[...])
  } catch {
    fatalError("\(entity) cannot be shown: \(error)")
  }
}

/// For shapes that need nobody's number.
struct Nobody: StateEntries {
  let position = Position.zero

  func forEachEntry(
    of part: StatePart, _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void
  ) {}

  func person(_ row: UInt64) -> UserID? { UserID(row) }
  func name(of user: UserID) -> String? { nil }
}

/// The entries of all golden snapshots, with the names of their sections.
func storedEntries() throws -> [(section: String, key: [UInt8], value: [UInt8])] {
  var entries: [(section: String, key: [UInt8], value: [UInt8])] = []
  for file in try Golden.snapshots() {
    ScratchFile.shared.fill(file)
    let reader = try SnapshotReader(ScratchFile.shared.path)
    while let section = try reader.nextSection() {
      while let (key, value) = try reader.nextEntry() { entries.append((section.name, key, value)) }
    }
  }
  return entries
}
