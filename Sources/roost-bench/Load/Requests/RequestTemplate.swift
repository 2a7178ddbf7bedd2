/// One or several commands, parted by the word `;`, that are sent together and count as one
/// request.
///
/// In their words stand for
/// - `__n__` the number of the request, over all connections, from 0
/// - `__c__` the number of the connection, from 0
/// - `__r:MAX__` a number at random below MAX
/// - `__z:MAX__` the same, by popularity (see `Zipf`)
/// - `__x:BYTES__` so many bytes of text
struct RequestTemplate: RequestSource {
  static let bytesMax = 1 << 20

  private enum Piece {
    case bytes([UInt8])
    case number
    case connection
    case random(Int)
    case popular(Zipf)
  }

  /// What needs no thought, or a word with pieces.
  private enum Part {
    case bytes([UInt8])
    case word([Piece])
  }

  private(set) var repliesPerRequest = 0
  private var parts: [Part] = []
  private var number = 0
  private var random: SplitMix
  private var scratch: [UInt8] = []

  /// Throws one sentence for a placeholder that is none, or without a command.
  init(_ words: [String], seed: UInt64) throws {
    random = SplitMix(seed: seed, stream: 0x7E3)
    for command in words.split(separator: ";", omittingEmptySubsequences: true) {
      repliesPerRequest += 1
      add(Array("*\(command.count)\r\n".utf8))
      for word in command { try add(word: word) }
    }
    guard repliesPerRequest > 0 else { throw UsageError("a command is missing") }
  }

  private mutating func add(_ bytes: [UInt8]) {
    if case .bytes(let before)? = parts.last {
      parts[parts.count - 1] = .bytes(before + bytes)
    } else {
      parts.append(.bytes(bytes))
    }
  }

  private mutating func add(word: String) throws {
    let pieces = try Self.pieces(of: word)
    let known = pieces.compactMap { if case .bytes(let bytes) = $0 { bytes } else { nil } }
    if known.count == pieces.count {
      let bytes = known.flatMap { $0 }
      add(Array("$\(bytes.count)\r\n".utf8) + bytes + [0x0D, 0x0A])
    } else {
      parts.append(.word(pieces))
    }
  }

  private static func pieces(of word: String) throws -> [Piece] {
    var pieces: [Piece] = []
    for (index, part) in word.split(separator: "__", omittingEmptySubsequences: false).enumerated()
    {
      guard !index.isMultiple(of: 2) else {
        pieces.append(.bytes(Array(part.utf8)))
        continue
      }
      pieces.append(try placeholder(part))
    }
    guard !pieces.count.isMultiple(of: 2) else { throw UsageError("in '\(word)' a __ is missing") }
    return pieces
  }

  private static func placeholder(_ text: Substring) throws -> Piece {
    let parts = text.split(separator: ":", maxSplits: 1)
    switch (parts.first, parts.dropFirst().first.flatMap { Int($0) }) {
    case ("n", nil) where parts.count == 1: return .number
    case ("c", nil) where parts.count == 1: return .connection
    case ("r", let max?) where max > 0: return .random(max)
    case ("z", let max?) where max > 0: return .popular(Zipf(count: max))
    case ("x", let count?) where (0...bytesMax).contains(count):
      return .bytes((0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) })
    default: throw UsageError("there is no placeholder __\(text)__")
    }
  }

  mutating func append(for connection: Int, to output: inout [UInt8]) {
    for part in parts {
      switch part {
      case .bytes(let bytes): output.append(contentsOf: bytes)
      case .word(let pieces):
        scratch.removeAll(keepingCapacity: true)
        for piece in pieces {
          switch piece {
          case .bytes(let bytes): scratch.append(contentsOf: bytes)
          case .number: scratch.append(decimal: number)
          case .connection: scratch.append(decimal: connection)
          case .random(let max): scratch.append(decimal: random.below(max))
          case .popular(let zipf): scratch.append(decimal: zipf.draw(&random))
          }
        }
        output.append(UInt8(ascii: "$"))
        output.append(decimal: scratch.count)
        output.append(contentsOf: [0x0D, 0x0A])
        output.append(contentsOf: scratch)
        output.append(contentsOf: [0x0D, 0x0A])
      }
    }
    number += 1
  }
}

extension [UInt8] {
  /// The digits of a number from 0.
  mutating func append(decimal number: Int) {
    let start = count
    var rest = number
    repeat {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    self[start...].reverse()
  }
}
