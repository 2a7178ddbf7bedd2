import Domain

@testable import Engine
@testable import Journal
@testable import Projections

extension FuzzTarget {
  /// The entries of the read models in a snapshot, in any order: they are taken in or refused; what
  /// was taken in is written in one form, which leads to the same digests, and of which
  /// `StoredEntries` makes the entries that the read models give.
  static let entries = FuzzTarget(
    name: "entries", bytesMax: 2_048, allocationMiBMax: 8,
    words: [
      [0xF6], [0xF5], [0x82], [0x83], [0x84], [0x40], [0x45, 0x04], [0x49, 0x08], [0x81, 0x00],
    ],
    seeds: { try entrySeeds() },
    run: { input in
      var source = ByteSource(input)
      var entries: [(ProjectionName, ArraySlice<UInt8>, ArraySlice<UInt8>)] = []
      while !source.rest.isEmpty, entries.count < 32 {
        let name = source.choice(ProjectionName.allCases)
        let key = source.shortBytes()
        entries.append((name, key, source.bytes()))
      }
      // People come from elsewhere: their numbers are as many as there is room for.
      var models = peopled
      for (name, key, value) in entries where name != .people {
        do throws(ProjectionError) {
          try models.restore(name, key: key, value: value)
        } catch {
          return
        }
      }
      models.finishRestoring(at: Position(1_000))
      check(models)
    })
}

private let peopleCount: UInt64 = 12

/// Copied for each input: to make one takes longer than all else.
private let peopled: ReadModels = {
  var models = ReadModels(shard: .first, of: 1)
  guard models.restorePeople() else { fatalError("people are not taken in") }
  return models
}()

extension ReadModels {
  fileprivate mutating func restorePeople() -> Bool {
    for row in 0..<peopleCount {
      var key = CBOREncoder()
      key.uint(row)
      var value = CBOREncoder()
      value.array(4)
      value.uint(row + 1)
      value.text("person\(row)")
      value.bool(row % 3 == 1)
      value.bool(row == 11)
      if (try? restore(.people, key: key.bytes[...], value: value.bytes[...])) == nil {
        return false
      }
    }
    return true
  }
}

private func check(_ models: ReadModels) {
  var again = peopled
  var stored = StoredEntries()
  var turned: [[UInt8]: [UInt8]] = [:]
  models.forEachStored { name, key, value in
    do {
      try again.restore(name, key: key[...], value: value[...])
      if let entry = try stored.entry(of: name, key: key, value: value) {
        turned[Array(name.rawValue.utf8) + entry.key] = entry.value
      }
    } catch {
      fatalError("what is stored of \(name) is not taken in: \(error)")
    }
  }
  again.finishRestoring(at: models.position)
  let digests = models.digests()
  for (own, other) in zip(digests, again.digests()) {
    hold(own == other, "\(own.name) leads to another digest when it is stored and taken in again")
  }
  var entries: [[UInt8]: [UInt8]] = [:]
  models.forEachEntry { name, key, value in entries[Array(name.rawValue.utf8) + key] = value }
  hold(entries == turned, "what is stored is turned into other entries")
}

extension ByteSource {
  /// As many as the next byte says, if there are so many.
  mutating func shortBytes() -> ArraySlice<UInt8> {
    take(Int(byte()))
  }
}

/// Each entry alone, and the candidates of homes with the rings that hold them.
private func entrySeeds() throws -> [[UInt8]] {
  var seeds: [[UInt8]] = []
  var homes: [UInt8] = []
  for (section, key, value) in try storedEntries() {
    guard
      let index = ProjectionName.allCases.firstIndex(where: {
        StateDigests.name(of: $0) == section
      }), key.count < 256, value.count < 1 << 16
    else { continue }
    let entry =
      [UInt8(index), UInt8(key.count)] + key + [UInt8(value.count >> 8), UInt8(value.count & 0xFF)]
      + value
    seeds.append(entry)
    if ProjectionName.allCases[index] == .home {
      homes += entry
    } else if !homes.isEmpty {
      seeds.append(homes)
      homes = []
    }
  }
  return seeds
}
