internal import Engine

/// What came of the requests that belong to the measured time.
struct Tally {
  var histogram = Histogram()
  private(set) var errors: [String: Int] = [:]

  /// A reply; `error` is the text of an error reply.
  mutating func note(nanoseconds: UInt64) { histogram.record(nanoseconds) }

  mutating func note(error words: some Collection<UInt8>) {
    let code = words.prefix { $0 != UInt8(ascii: " ") }
    note(code: String(decoding: code, as: UTF8.self))
  }

  mutating func note(code: String, count: Int = 1) { errors[code, default: 0] += count }

  static func += (left: inout Tally, right: Tally) {
    left.histogram += right.histogram
    for (code, count) in right.errors { left.note(code: code, count: count) }
  }

  var errorCount: Int { errors.values.reduce(0, +) }

  /// Answered without an error.
  var successes: UInt64 { histogram.count }
}

extension Histogram {
  /// Recorded nanoseconds, in microseconds.
  var json: [(String, JSON)] {
    func us(_ share: Double) -> JSON { Self.us(value(at: share)) }
    return [
      ("mean_us", .decimal((mean / 10).rounded() / 100)), ("p50_us", us(0.5)), ("p90_us", us(0.9)),
      ("p99_us", us(0.99)), ("p99_9_us", us(0.999)), ("max_us", Self.us(max)),
    ]
  }

  /// `[share, microseconds]`, for plots.
  var curveJSON: JSON {
    .array(curve.map { .array([.decimal($0.share), Self.us($0.value)]) })
  }

  private static func us(_ nanoseconds: UInt64) -> JSON { .decimal(Double(nanoseconds) / 1_000) }
}

extension Tally {
  var errorsJSON: JSON {
    .object(errors.sorted { $0.key < $1.key }.map { ($0.key, .int(Int64($0.value))) })
  }

  /// Over so many measured seconds.
  func json(seconds: Double) -> [(String, JSON)] {
    let answered = Double(successes) + Double(errorCount)
    return [
      ("requests", .uint(successes + UInt64(errorCount))), ("error_count", .int(Int64(errorCount))),
      ("errors", errorsJSON), ("seconds", .decimal(seconds)),
      ("rate", .decimal((10 * answered / Swift.max(seconds, 1e-9)).rounded() / 10)),
    ] + histogram.json + [("curve", histogram.curveJSON)]
  }
}
