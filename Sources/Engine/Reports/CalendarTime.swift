package import Domain

/// Moments as ISO 8601 writes them: `2012-07-04T08:00:00Z`.
package enum CalendarTime {
  private static let dayMs: Int64 = 86_400_000

  /// In UTC, with milliseconds where there are any.
  package static func text(_ instant: Instant) -> String {
    let days = floorDivide(instant.ms, dayMs)
    let ms = instant.ms - days * dayMs
    let (year, month, day) = date(days)
    let clock = "\(two(ms / 3_600_000)):\(two(ms / 60_000 % 60)):\(two(ms / 1_000 % 60))"
    let fraction = ms % 1_000 == 0 ? "" : "." + String("\(1_000 + ms % 1_000)".dropFirst())
    return "\(year)-\(two(Int64(month)))-\(two(Int64(day)))T\(clock)\(fraction)Z"
  }

  /// A date, or a date and a time with seconds and fractions left out or not, in UTC or with an
  /// offset; nil for anything else.
  package static func parse(_ text: String) -> Instant? {
    var reader = Reader(Array(text.utf8))
    guard let year = reader.digits(4), reader.take(0x2D), let month = reader.digits(2),
      reader.take(0x2D), let day = reader.digits(2), (1...12).contains(month),
      (1...daysInMonth(year, month)).contains(day)
    else { return nil }
    var ms = days(year, month, day) * dayMs
    if reader.isAtEnd { return Instant(ms: ms) }
    guard reader.take(0x54) || reader.take(0x74) || reader.take(0x20),
      let clock = reader.clock()
    else { return nil }
    ms += clock
    guard let offset = reader.offset(), reader.isAtEnd else { return nil }
    return Instant(ms: ms - offset)
  }

  private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    a >= 0 ? a / b : -((-a + b - 1) / b)
  }

  private static func daysInMonth(_ year: Int64, _ month: Int64) -> Int64 {
    let next = month == 12 ? days(year + 1, 1, 1) : days(year, month + 1, 1)
    return next - days(year, month, 1)
  }

  /// Days since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = floorDivide(year, 400)
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The way back, from the same source.
  private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private struct Reader {
    private var rest: ArraySlice<UInt8>
    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ byte: UInt8) -> Bool {
      guard rest.first == byte else { return false }
      rest.removeFirst()
      return true
    }

    mutating func digits(_ count: Int) -> Int64? {
      let digits = rest.prefix(count)
      guard digits.count == count, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
        return nil
      }
      rest = rest.dropFirst(count)
      return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// hh:mm, hh:mm:ss or hh:mm:ss.fraction, in milliseconds.
    mutating func clock() -> Int64? {
      guard let hour = digits(2), hour < 24, take(0x3A), let minute = digits(2), minute < 60 else {
        return nil
      }
      var ms = hour * 3_600_000 + minute * 60_000
      guard take(0x3A) else { return ms }
      guard let second = digits(2), second < 60 else { return nil }
      ms += second * 1_000
      guard take(0x2E) else { return ms }
      var unit: Int64 = 100
      guard rest.first.map({ (0x30...0x39).contains($0) }) == true else { return nil }
      while let digit = digits(1) {
        ms += digit * unit
        unit /= 10
      }
      return ms
    }

    /// Z or ±hh:mm, in milliseconds; none is UTC.
    mutating func offset() -> Int64? {
      if isAtEnd || take(0x5A) || take(0x7A) { return 0 }
      let sign: Int64
      if take(0x2B) { sign = 1 } else if take(0x2D) { sign = -1 } else { return nil }
      guard let hours = digits(2), hours < 24, take(0x3A), let minutes = digits(2), minutes < 60
      else { return nil }
      return sign * (hours * 3_600_000 + minutes * 60_000)
    }
  }
}
