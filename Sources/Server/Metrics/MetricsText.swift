import Journal

/// Metrics in Prometheus' text format, version 0.0.4.
struct MetricsText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""

  /// One value, without labels.
  mutating func gauge(_ name: String, _ help: String, _ value: some Numeric) {
    family(name, help, "gauge")
    sample(name, [], "\(value)")
  }

  /// A sum that only grows; its name ends in `_total`.
  mutating func counter(_ name: String, _ help: String, _ value: some BinaryInteger) {
    family(name, help, "counter")
    sample(name, [], "\(value)")
  }

  /// The same measure of several things.
  mutating func family(
    _ name: String, _ help: String, _ type: String,
    samples: [(labels: [(String, String)], value: String)]
  ) {
    family(name, help, type)
    for (labels, value) in samples { sample(name, labels, value) }
  }

  /// Durations in seconds, by one label if there are several.
  mutating func histogram(
    _ name: String, _ help: String,
    _ series: [(labels: [(String, String)], histogram: LatencyHistogram)]
  ) {
    family(name, help, "histogram")
    for (labels, histogram) in series {
      var sum: UInt64 = 0
      for (bound, count) in zip(LatencyHistogram.bounds, histogram.counts) {
        sum += count
        sample(name + "_bucket", labels + [("le", Self.seconds(bound))], "\(sum)")
      }
      sample(name + "_bucket", labels + [("le", "+Inf")], "\(histogram.count)")
      sample(name + "_sum", labels, Self.seconds(histogram.sum))
      sample(name + "_count", labels, "\(histogram.count)")
    }
  }

  private mutating func family(_ name: String, _ help: String, _ type: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  private mutating func sample(_ name: String, _ labels: [(String, String)], _ value: String) {
    text += name
    if !labels.isEmpty {
      text += "{" + labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",") + "}"
    }
    text += " \(value)\n"
  }

  private static func escaped(_ value: String) -> String {
    var text = ""
    for character in value {
      switch character {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.append(character)
      }
    }
    return text
  }

  private static func seconds(_ nanoseconds: UInt64) -> String {
    "\(Double(nanoseconds) / 1_000_000_000)"
  }
}
