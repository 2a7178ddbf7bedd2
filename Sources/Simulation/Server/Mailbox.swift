import Domain
import Journal
import Server
import Synchronization

/// A session's output: what it sent, each piece with the durable position at that moment.
final class Mailbox: SessionOutput {
  struct Piece: Sendable {
    var bytes: [UInt8]
    /// Of the journal, when the bytes left the session.
    var durable: UInt64
  }

  private struct State: Sendable {
    var pieces: [Piece] = []
    var isReading = true
    var isFinished = false
  }

  private let state = Mutex(State())
  private let journal: Journal

  init(journal: Journal) { self.journal = journal }

  func send(_ bytes: [UInt8]) {
    let piece = Piece(bytes: bytes, durable: journal.durable.raw)
    state.withLock { $0.pieces.append(piece) }
  }

  func finish() { state.withLock { $0.isFinished = true } }

  func setReading(_ isReading: Bool) { state.withLock { $0.isReading = isReading } }

  /// Pieces that wait; a full mailbox stops the session, as a full socket does.
  static let piecesMax = 4

  var isFull: Bool { state.withLock { $0.pieces.count >= Self.piecesMax } }
  var waitingBytes: Int { state.withLock { $0.pieces.reduce(0) { $0 + $1.bytes.count } } }
  /// Whether so much waits that the session hears of it when it no longer does.
  var hasMuch: Bool { waitingBytes > OutputBounds.stranger.low }
  var isReading: Bool { state.withLock { $0.isReading } }
  var isEmpty: Bool { state.withLock { $0.pieces.isEmpty } }
  /// Everything was sent and taken, and no more will come.
  var isEnded: Bool { state.withLock { $0.isFinished && $0.pieces.isEmpty } }

  func takeFirst() -> Piece? {
    state.withLock { $0.pieces.isEmpty ? nil : $0.pieces.removeFirst() }
  }
}
