import Domain
import Journal
import Server
import Wire

/// A connection as its client holds it: bytes on their way in both directions, and the requests
/// that have no reply yet.
final class Link {
  /// One request on its way.
  struct Pending {
    /// Of the attempt; nil for HELLO.
    var attempt: Int?
    /// Where its last byte lies in the stream to the server.
    var end: Int
    /// The journal's durable position when that byte arrived; nil until then.
    var low: UInt64?
  }

  let session: Session
  let mailbox: Mailbox
  let lane: Lane
  private let journal: Journal
  private(set) var outgoing: [UInt8] = []
  private var isFinishing = false
  private var written = 0
  private var delivered = 0
  private var reader = WireReader()
  private(set) var pending: [Pending] = []
  /// Reads on this connection see at least this: the newest own write that was answered.
  var lastWrite: UInt64 = 0
  /// Of the newest bytes that the client has.
  private(set) var durable: UInt64 = 0

  init(session: Session, mailbox: Mailbox, lane: Lane, journal: Journal) {
    self.session = session
    self.mailbox = mailbox
    self.lane = lane
    self.journal = journal
  }

  var canDeliver: Bool { !outgoing.isEmpty && mailbox.isReading }
  var canReceive: Bool { !mailbox.isEmpty }

  func send(_ words: [String], as framing: Framing, attempt: Int?) {
    let bytes = framing == .resp ? Request.encoded(words) : Self.line(words)
    outgoing.append(contentsOf: bytes)
    written += bytes.count
    pending.append(Pending(attempt: attempt, end: written))
  }

  /// One more reply to the request that is sent next.
  func expect() { pending.append(Pending(attempt: nil, end: 0)) }

  private static func line(_ words: [String]) -> [UInt8] {
    let quoted = words.map { word in word.contains(" ") ? "\"\(word)\"" : word }
    return Array((quoted.joined(separator: " ") + "\r\n").utf8)
  }

  /// The next `count` bytes reach the session.
  func deliver(_ count: Int, on scheduler: SeededScheduler) {
    let bytes = Array(outgoing.prefix(count))
    outgoing.removeFirst(bytes.count)
    delivered += bytes.count
    for index in pending.indices where pending[index].low == nil && pending[index].end <= delivered
    {
      pending[index].low = journal.durable.raw
    }
    let session = session
    scheduler.enter(lane) { session.assumeIsolated { $0.receive(bytes) } }
    if isFinishing { finishSending(on: scheduler) }
  }

  /// Nothing more will be sent: the session learns of it after the last byte.
  func finishSending(on scheduler: SeededScheduler) {
    isFinishing = true
    guard outgoing.isEmpty else { return }
    let session = session
    scheduler.enter(lane) { session.assumeIsolated { $0.finish() } }
  }

  /// The session's oldest piece; a session that had stopped goes on.
  func takePiece(on scheduler: SeededScheduler) -> Mailbox.Piece? {
    let (wasFull, hadMuch) = (mailbox.isFull, mailbox.hasMuch)
    let piece = mailbox.takeFirst()
    if (wasFull && !mailbox.isFull) || (hadMuch && !mailbox.hasMuch) {
      let session = session
      scheduler.enter(lane) { session.assumeIsolated { $0.drained() } }
    }
    return piece
  }

  /// What one piece of the session's output says, each reply with its request.
  func receive(_ piece: Mailbox.Piece) throws -> [(Pending?, Reply)] {
    reader.append(piece.bytes)
    durable = piece.durable
    var replies: [(Pending?, Reply)] = []
    while let reply = try reader.next() {
      if try Ear.message(reply) != nil {
        replies.append((nil, reply))
      } else {
        guard !pending.isEmpty else { throw Violation("a reply without a request: \(reply)") }
        replies.append((pending.removeFirst(), reply))
      }
    }
    return replies
  }
}
