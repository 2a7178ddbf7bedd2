/// `A B n`: A shared B n times, so A follows B.
struct FollowLine {
  var follower: UInt64
  var followed: UInt64

  init(_ line: ArraySlice<UInt8>, _ reader: LineReader) throws {
    var fields = FieldReader(line, reader)
    follower = try fields.number("the first person")
    followed = try fields.number("the second person")
    _ = try fields.number("the number of shares")
    try fields.finish()
  }
}

/// `A B seconds kind`: what A did to B, and when.
struct ActivityLine {
  enum Kind: String, CaseIterable {
    /// A shares B.
    case share = "RT"
    /// A mentions B.
    case mention = "MT"
    /// A replies to B.
    case reply = "RE"
  }

  /// The end of the year 9999.
  private static let secondsMax: UInt64 = 253_402_300_799

  var actor: UInt64
  var other: UInt64
  var seconds: Int64
  var kind: Kind

  init(_ line: ArraySlice<UInt8>, _ reader: LineReader) throws {
    var fields = FieldReader(line, reader)
    actor = try fields.number("the first person")
    other = try fields.number("the second person")
    let seconds = try fields.number("the time")
    guard seconds <= Self.secondsMax else { throw reader.error("the time lies too far ahead") }
    self.seconds = Int64(seconds)
    let word = try fields.word("the kind")
    guard let kind = Kind(rawValue: String(decoding: word, as: UTF8.self)) else {
      throw reader.error(
        "the kind is one of RT, MT and RE, not '\(String(decoding: word, as: UTF8.self))'")
    }
    self.kind = kind
    try fields.finish()
  }
}

/// The fields of a line, separated by blanks.
private struct FieldReader {
  private var rest: ArraySlice<UInt8>
  private let reader: LineReader

  init(_ line: ArraySlice<UInt8>, _ reader: LineReader) {
    rest = line
    self.reader = reader
  }

  mutating func word(_ what: String) throws -> ArraySlice<UInt8> {
    rest = rest.drop(while: Self.isBlank)
    let word = rest.prefix { !Self.isBlank($0) }
    guard !word.isEmpty else { throw reader.error("\(what) is missing") }
    rest = rest[word.endIndex...]
    return word
  }

  mutating func number(_ what: String) throws -> UInt64 {
    let word = try word(what)
    var number: UInt64 = 0
    for byte in word {
      let (product, overflow) = number.multipliedReportingOverflow(by: 10)
      guard (0x30...0x39).contains(byte), !overflow,
        case (let sum, false) = product.addingReportingOverflow(UInt64(byte - 0x30))
      else {
        throw reader.error(
          "\(what) is a whole number, not '\(String(decoding: word, as: UTF8.self))'")
      }
      number = sum
    }
    return number
  }

  func finish() throws {
    guard rest.allSatisfy(Self.isBlank) else { throw reader.error("it has too many fields") }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
