internal import Engine

/// How far a long work has come, how fast it goes and how long it will take.
struct ProgressBar {
  private static let width = 24

  private let start: Progress
  private let startMs: Int64
  private var progress: Progress

  /// From the first that is known.
  init(_ progress: Progress, startMs: Int64) {
    start = progress
    self.startMs = startMs
    self.progress = progress
  }

  var title: String { start.title }

  mutating func update(_ progress: Progress) { self.progress = progress }

  /// `refold [######------] 52 % · 1 200 000/s · 3 s left`
  func drawing(nowMs: Int64) -> String {
    guard let fraction else { return line(nowMs: nowMs) }
    let full = Int(fraction * Double(Self.width))
    let bar =
      String(repeating: "#", count: full) + String(repeating: "-", count: Self.width - full)
    return "\(title) [\(bar)] \(Int(fraction * 100)) % · \(tail(nowMs))"
  }

  /// The same in words, for logs.
  func line(nowMs: Int64) -> String {
    let share = fraction.map { "\(Int($0 * 100)) % · " } ?? ""
    return "\(title): \(share)\(grouped(progress.done)) \(progress.unit) · \(tail(nowMs))"
  }

  private var fraction: Double? {
    guard let total = progress.total, total > 0 else { return nil }
    return min(1, Double(progress.done) / Double(total))
  }

  private func tail(_ nowMs: Int64) -> String {
    let seconds = Double(max(1, nowMs - startMs)) / 1_000
    let rate = Double(progress.done - min(start.done, progress.done)) / seconds
    let text = "\(grouped(UInt64(rate))) \(progress.unit)/s"
    guard let total = progress.total, total >= progress.done, rate > 0 else { return text }
    let left = Int((Double(total - progress.done) / rate).rounded(.up))
    return left == 0 ? text : "\(text) · \(Self.duration(left)) left"
  }

  private static func duration(_ seconds: Int) -> String {
    seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
  }
}

/// 1234567 as `1 234 567`.
func grouped(_ number: some BinaryInteger) -> String {
  let digits = String(number)
  var text = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { text.append(" ") }
    text.append(digit)
  }
  return text
}
