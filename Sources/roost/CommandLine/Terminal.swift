internal import Engine
internal import Glibc

/// Where a command's words go: results to standard output, everything about the way there to
/// standard error.
final class Terminal {
  private static let bufferMax = 64 * 1_024
  private static let drawEveryMs: Int64 = 100
  private static let lineEveryMs: Int64 = 5_000

  /// Where bytes go.
  enum Stream: Int32 {
    case output = 1
    case errors = 2
  }

  private let isInteractive: Bool
  private let send: ([UInt8], Stream) -> Void
  private var buffer: [UInt8] = []
  private var bar: ProgressBar?
  private var lastDrawnMs: Int64 = 0
  private var isBarShown = false

  /// The process's own.
  convenience init() { self.init(isInteractive: isatty(2) == 1, send: Self.write) }

  /// On a terminal, progress is a bar; elsewhere it is a line now and then.
  init(isInteractive: Bool, send: @escaping ([UInt8], Stream) -> Void) {
    self.isInteractive = isInteractive
    self.send = send
  }

  /// Adds a line of the result.
  func print(_ line: String) {
    buffer.append(contentsOf: line.utf8)
    buffer.append(0x0A)
    if buffer.count >= Self.bufferMax { flush() }
  }

  /// Sends what was printed.
  func flush() {
    guard !buffer.isEmpty else { return }
    clearBar()
    send(buffer, .output)
    buffer.removeAll(keepingCapacity: true)
  }

  /// One sentence about what is wrong.
  func complain(_ sentence: String) { log("roost: \(sentence)") }

  /// One line about what goes on.
  func log(_ line: String) {
    clearBar()
    send(Array("\(line)\n".utf8), .errors)
  }

  /// Shows how far a long work has come: a bar on a terminal, now and then a line elsewhere.
  func progress(_ progress: Progress) {
    let now = Self.monotonicMs()
    if bar?.title != progress.title {
      endBar()
      bar = ProgressBar(progress, startMs: now)
      lastDrawnMs = isInteractive ? 0 : now
    }
    bar?.update(progress)
    let everyMs = isInteractive ? Self.drawEveryMs : Self.lineEveryMs
    guard let bar, now - lastDrawnMs >= everyMs else { return }
    lastDrawnMs = now
    draw(bar, now)
  }

  /// Ends the bar with its last figures, and sends what was printed.
  func finish() {
    endBar()
    flush()
  }

  private func endBar() {
    if let bar, isInteractive { draw(bar, Self.monotonicMs()) }
    if isBarShown { send([0x0A], .errors) }
    isBarShown = false
    bar = nil
  }

  private func draw(_ bar: ProgressBar, _ now: Int64) {
    if isInteractive {
      send(Array("\r\u{1B}[K\(bar.drawing(nowMs: now))".utf8), .errors)
      isBarShown = true
    } else {
      send(Array("\(bar.line(nowMs: now))\n".utf8), .errors)
    }
  }

  private func clearBar() {
    if isBarShown { send(Array("\r\u{1B}[K".utf8), .errors) }
    isBarShown = false
  }

  static func monotonicMs() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// A reader who has gone away ends the program, as usual for filters.
  private static func write(_ bytes: [UInt8], _ stream: Stream) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(stream.rawValue, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }
}
