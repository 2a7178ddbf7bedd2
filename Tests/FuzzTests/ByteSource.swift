/// Takes an input apart: choices come from its beginning, what is left is content.
struct ByteSource {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  /// Zero when nothing is left.
  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number {
    (0..<(Number.bitWidth / 8)).reduce(0) { number, _ in number << 8 | Number(byte()) }
  }

  mutating func bool() -> Bool { byte() & 1 == 1 }

  /// One of some.
  mutating func choice<Choices: RandomAccessCollection>(_ choices: Choices) -> Choices.Element {
    choices[choices.index(choices.startIndex, offsetBy: Int(byte()) % choices.count)]
  }

  /// As many as the next two bytes say, if there are so many.
  mutating func bytes() -> ArraySlice<UInt8> {
    take(Int(number(UInt16.self)))
  }

  /// So many, if there are so many.
  mutating func take(_ count: Int) -> ArraySlice<UInt8> {
    let bytes = rest.prefix(count)
    rest = rest.dropFirst(bytes.count)
    return bytes
  }
}

/// Where to cut a stream: a rhythm of one to four lengths, which repeats.
struct Cuts {
  private var lengths: [Int]
  private var index = 0

  init(_ source: inout ByteSource) {
    let count = Int(source.byte() % 4) + 1
    // Short ones are tried most: where a thing is cut in two matters more than how long it is.
    lengths = (0..<count).map { _ in
      let byte = Int(source.byte())
      return byte < 192 ? byte % 16 + 1 : (byte - 191) * 16
    }
  }

  mutating func next() -> Int {
    defer { index = (index + 1) % lengths.count }
    return lengths[index]
  }
}
