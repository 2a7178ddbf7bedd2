import Domain
import Wire

/// Replies in the order of their requests, already written, each held until what it shows is
/// durable.
///
/// A reply goes out after all before it: so what counts is the newest position up to there, and
/// replies that wait for the same one are held together.
struct HeldReplies {
  private struct Run {
    var position: Position
    /// Where the run ends in `bytes`.
    var end: Int
  }

  /// Room for the short replies of a pipeline, so that they do not make it grow time and again.
  private static let firstCapacity = 512

  private var bytes: [UInt8] = []
  /// Of `bytes`, already taken.
  private var taken = 0
  private var runs: [Run] = []
  private var first = 0

  var isEmpty: Bool { first == runs.count }
  var byteCount: Int { bytes.count - taken }
  /// Groups of replies that wait for different positions.
  var runCount: Int { runs.count - first }

  /// What is kept, in bytes and runs, with what was taken already.
  var roomUsed: Int { bytes.count + runs.count }

  mutating func append(
    _ reply: Reply, framing: Framing, version: RESPVersion, after position: Position
  ) {
    if bytes.capacity == 0 { bytes.reserveCapacity(Self.firstCapacity) }
    ReplyWriter.write(reply, framing: framing, version: version, into: &bytes)
    noteEnd(after: position)
  }

  /// As the other, for what is written already.
  mutating func append(_ written: [UInt8], after position: Position) {
    if bytes.isEmpty { bytes = written } else { bytes.append(contentsOf: written) }
    noteEnd(after: position)
  }

  private mutating func noteEnd(after position: Position) {
    if !isEmpty, runs[runs.count - 1].position >= position {
      runs[runs.count - 1].end = bytes.count
    } else {
      runs.append(Run(position: position, end: bytes.count))
    }
  }

  /// The bytes of the oldest replies, as far as what they show is durable; nil if there are none.
  mutating func take(through durable: Position) -> [UInt8]? {
    var end = taken
    while first < runs.count, runs[first].position <= durable {
      end = runs[first].end
      first += 1
    }
    guard end > taken else { return nil }
    if end == bytes.count {
      let rest = taken == 0 ? bytes : Array(bytes[taken...])
      self = HeldReplies()
      return rest
    }
    let slice = Array(bytes[taken..<end])
    taken = end
    if taken > bytes.count / 2 { closeUp() }
    return slice
  }

  /// Gives back the room of what was taken, once that is the larger part.
  private mutating func closeUp() {
    bytes.removeFirst(taken)
    runs.removeFirst(first)
    for index in runs.indices { runs[index].end -= taken }
    first = 0
    taken = 0
  }
}
