internal import Journal

/// How the entries of a part differ between two states.
///
/// Memory: a key and 16 bytes for each entry of the first; values are fetched by walking both once
/// more, and only for what is shown.
package struct EntryComparison {
  /// What is compared: a state, or what was written of one.
  package enum Side {
    case state(any StateEntries)
    case file(EntryFile)
  }

  /// An entry that differs. Key and values are JSON.
  package struct Entry {
    package var key: String
    /// Nil where it is in the other alone.
    package var first: String?
    package var second: String?

    /// By which parts the two values differ; empty unless both are there.
    package var parts: [(path: String, first: String?, second: String?)] {
      guard let first, let second else { return [] }
      return JSONText.differences(JSONText(Array(first.utf8)), JSONText(Array(second.utf8)))
        .map { ($0.path, $0.first, $0.second) }
    }
  }

  package private(set) var onlyInFirst = 0
  package private(set) var onlyInSecond = 0
  package private(set) var changed = 0
  package private(set) var equal = 0
  /// In the order of their keys: those of the first alone, of the second alone, then the changed.
  package private(set) var shown: [Entry] = []

  package var isEqual: Bool { onlyInFirst + onlyInSecond + changed == 0 }

  /// Encoded keys of all that differ, in order; JSON where a file is compared.
  private(set) var differing: (first: [[UInt8]], second: [[UInt8]], changed: [[UInt8]]) =
    ([], [], [])

  /// Compares one part. Of each kind of difference, `shownMax` are shown. Two states are compared
  /// by their encoding; with a file, both are by what their entries mean.
  package init(
    _ part: StatePart, _ first: Side, _ second: Side, shownMax: Int,
    naming: EntryPrinter.Naming = .names
  ) throws {
    let isByMeaning = first.isFile || second.isFile
    var table: [[UInt8]: Fingerprint] = [:]
    try first.walk(part, isByMeaning) { table[$0.compact] = Fingerprint($1) }
    try second.walk(part, isByMeaning) { key, value in
      guard let own = table.removeValue(forKey: key) else {
        differing.second.append(key.compact)
        return
      }
      if own == Fingerprint(value) { equal += 1 } else { differing.changed.append(key.compact) }
    }
    differing.first = Array(table.keys)
    (onlyInFirst, onlyInSecond) = (differing.first.count, differing.second.count)
    changed = differing.changed.count
    table = [:]
    func sort(_ keys: inout [[UInt8]]) { keys.sort { $0.lexicographicallyPrecedes($1) } }
    sort(&differing.first)
    sort(&differing.second)
    sort(&differing.changed)
    let keys = [differing.first, differing.second, differing.changed]
      .flatMap { $0.prefix(shownMax) }
    guard !keys.isEmpty else { return }
    let one = try first.entries(keys, of: part, isByMeaning, naming)
    let other = try second.entries(keys, of: part, isByMeaning, naming)
    shown = keys.map { key in
      Entry(
        key: (one[key] ?? other[key])?.key ?? "", first: one[key]?.value,
        second: other[key]?.value)
    }
  }

  private struct Fingerprint: Equatable {
    private let low: UInt64
    private let high: UInt64

    init(_ value: [UInt8]) {
      let hash = blake2b128(value)
      low = hash[..<8].reduce(0) { $0 << 8 | UInt64($1) }
      high = hash[8...].reduce(0) { $0 << 8 | UInt64($1) }
    }
  }
}

extension EntryComparison.Side {
  fileprivate var isFile: Bool {
    switch self {
    case .state: false
    case .file: true
    }
  }

  fileprivate func walk(
    _ part: StatePart, _ isByMeaning: Bool, _ body: ([UInt8], [UInt8]) throws -> Void
  ) throws {
    switch self {
    case .file(let file): try file.forEachEntry(of: part, body)
    case .state(let state):
      guard isByMeaning else { return try state.forEachEntry(of: part, body) }
      var printer = EntryPrinter(part, of: state)
      try state.forEachEntry(of: part) { key, value in
        let texts = try printer.texts(key: key, value: value)
        try body(texts.key, texts.value)
      }
    }
  }

  /// Entries by key, as they are shown.
  fileprivate func entries(
    _ keys: [[UInt8]], of part: StatePart, _ isByMeaning: Bool, _ naming: EntryPrinter.Naming
  ) throws -> [[UInt8]: (key: String, value: String)] {
    let wanted = Set(keys)
    var found: [[UInt8]: (key: String, value: String)] = [:]
    try walk(part, isByMeaning) { key, value in
      guard wanted.contains(key) else { return }
      if !isByMeaning, case .state(let state) = self {
        var printer = EntryPrinter(part, of: state, naming: naming)
        let texts = try printer.texts(key: key, value: value)
        found[key] = (
          String(decoding: texts.key, as: UTF8.self), String(decoding: texts.value, as: UTF8.self)
        )
      } else {
        found[key] = (String(decoding: key, as: UTF8.self), String(decoding: value, as: UTF8.self))
      }
    }
    return found
  }
}
