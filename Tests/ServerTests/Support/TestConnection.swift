import Server
import Synchronization
import Wire

/// How a client talks.
enum Dialect: CaseIterable {
  case two, three, line
}

/// What a session sent, and a way to wait for more.
final class Mailbox: SessionOutput {
  private struct State: Sendable {
    var bytes: [UInt8] = []
    var isFinished = false
    var isReading = true
    var isFull = false
    /// Full as a socket is that nobody reads: from so many bytes on.
    var fullAt = Int.max
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  private func change(_ body: @Sendable (inout State) -> Void) {
    let waiting = state.withLock { state in
      body(&state)
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func send(_ bytes: [UInt8]) { change { $0.bytes += bytes } }
  func finish() { change { $0.isFinished = true } }
  func setReading(_ isReading: Bool) { change { $0.isReading = isReading } }
  var isFull: Bool { state.withLock { $0.isFull || $0.bytes.count >= $0.fullAt } }
  func setFull(at bytes: Int) { change { $0.fullAt = bytes } }
  var waitingBytes: Int { state.withLock { $0.bytes.count } }
  func setFull(_ isFull: Bool) { change { $0.isFull = isFull } }
  var isFinished: Bool { state.withLock { $0.isFinished } }
  var isReading: Bool { state.withLock { $0.isReading } }
  var isEmpty: Bool { state.withLock { $0.bytes.isEmpty } }

  func take() -> [UInt8] {
    state.withLock { state in
      defer { state.bytes = [] }
      return state.bytes
    }
  }

  /// Returns when there are bytes, or no more will come.
  func wait() async {
    await withCheckedContinuation { continuation in
      let isReady = state.withLock { state in
        if state.bytes.isEmpty && !state.isFinished {
          state.waiting.append(continuation)
          return false
        }
        return true
      }
      if isReady { continuation.resume() }
    }
  }
}

/// A client: sends requests in its dialect and reads what comes back.
final class TestConnection: @unchecked Sendable {
  let session: Session
  let mailbox: Mailbox
  let dialect: Dialect
  private var parser = ReplyParser()
  private var lines: [UInt8] = []
  /// Whether so much was fetched that a socket would tell of room.
  private var hasMadeRoom = false

  init(session: Session, mailbox: Mailbox, dialect: Dialect) {
    self.session = session
    self.mailbox = mailbox
    self.dialect = dialect
  }

  /// Sends a request and returns its reply; of a plain line, the line of JSON as `text`.
  @discardableResult
  func callAsFunction(_ words: String...) async -> Reply { await call(words) }

  func call(_ words: [String]) async -> Reply {
    await send(words)
    return await next()
  }

  func send(_ words: String...) async { await send(words) }

  func send(_ words: [String]) async {
    switch dialect {
    case .two, .three: await session.receive(Request.encoded(words))
    case .line:
      let quoted = words.map { word in
        "\"" + word.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "\""
      }
      await session.receive(Array((quoted.joined(separator: " ") + "\r\n").utf8))
    }
  }

  /// The next reply or message; `null` once the connection is closed.
  func next() async -> Reply {
    while true {
      let reply = parsed()
      if hasMadeRoom {
        hasMadeRoom = false
        await session.drained()
      }
      if let reply { return reply }
      let wasFinished = mailbox.isFinished && mailbox.isEmpty
      if wasFinished { return .null }
      await mailbox.wait()
    }
  }

  /// What has come by now, without waiting.
  func pending() -> [Reply] {
    var replies: [Reply] = []
    while let reply = parsed() { replies.append(reply) }
    return replies
  }

  private func parsed() -> Reply? {
    let bytes = mailbox.take()
    if bytes.count > OutputBounds.stranger.low { hasMadeRoom = true }
    switch dialect {
    case .two, .three:
      parser.append(bytes)
      do { return try parser.next() } catch { fatalError("not RESP: \(error)") }
    case .line:
      lines += bytes
      guard let end = lines.firstIndex(of: 0x0A) else { return nil }
      let line = String(decoding: lines[..<end], as: UTF8.self)
      lines.removeFirst(end + 1)
      return .text(line)
    }
  }
}

extension Reply {
  /// The code of an error.
  var code: String? {
    if case .error(let code, _) = self { return code }
    return nil
  }

  var string: String? {
    switch self {
    case .text(let text), .simple(let text), .verbatim(let text): text
    default: nil
    }
  }

  var int: Int64? {
    if case .integer(let value) = self { return value }
    return nil
  }

  var elements: [Reply] {
    switch self {
    case .array(let elements), .push(let elements): elements
    default: []
    }
  }

  /// A field of a map, in RESP3's form or RESP2's flat one.
  subscript(field: String) -> Reply? {
    if case .map(let map) = self { return map[field] }
    let elements = elements
    for index in stride(from: 0, to: elements.count - 1, by: 2)
    where elements[index].string == field {
      return elements[index + 1]
    }
    return nil
  }

  /// The items of a page.
  var items: [Reply] { self["items"]?.elements ?? [] }
}
