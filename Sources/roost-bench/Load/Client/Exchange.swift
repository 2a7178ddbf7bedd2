/// Sends several requests at once and waits for all replies, on one connection.
final class Exchange {
  private static let secondsMax = 120.0

  private let connection: LoadConnection
  private let poller: Poller

  init(_ address: ServerAddress, token: String) throws {
    connection = LoadConnection(try Dialogue(address, token: token).socket)
    poller = try Poller()
    try poller.add(connection.socket, as: 0)
  }

  /// Calls `body` with each reply, and returns when the last arrived. An error reply is thrown.
  func ask(
    _ requests: [[String]], _ body: (_ number: Int, _ reply: ArraySlice<UInt8>) -> Void
  ) throws -> UInt64 {
    for words in requests { connection.output.append(request: words) }
    var number = 0
    var last: UInt64 = 0
    let start = Stopwatch()
    var isSent = false
    while number < requests.count {
      if !isSent {
        isSent = try connection.flush()
        poller.change(connection.socket, as: 0, alsoSending: !isSent)
      }
      guard start.seconds < Self.secondsMax else { throw BenchError("a reply did not come") }
      guard poller.wait(nanoseconds: 100_000_000).contains(where: \.canReceive) else { continue }
      let isOpen = try connection.receive { found, reply, arrival in
        if case .error(let range) = found {
          throw BenchError(
            "\(requests[number]) was answered \(String(decoding: reply[range], as: UTF8.self))")
        }
        body(number, reply)
        number += 1
        last = arrival
      }
      guard isOpen else { throw BenchError("the server closed a connection") }
    }
    return last
  }
}

extension ArraySlice<UInt8> {
  /// The content of a reply that is one bulk string.
  var bulk: ArraySlice<UInt8>? {
    guard first == UInt8(ascii: "$"), let end = firstIndex(of: 0x0A), endIndex - 2 > end else {
      return nil
    }
    return self[(end + 1)..<(endIndex - 2)]
  }

  /// The content of the bulk string that begins here, whatever follows it.
  var bulkAtStart: ArraySlice<UInt8>? {
    guard first == UInt8(ascii: "$"), let end = firstIndex(of: 0x0D),
      let count = Int(String(decoding: self[(startIndex + 1)..<end], as: UTF8.self)),
      count >= 0, endIndex - end >= count + 2
    else { return nil }
    return self[(end + 2)..<(end + 2 + count)]
  }

  func contains(_ bytes: ArraySlice<UInt8>) -> Bool { range(of: bytes) != nil }

  /// Where some bytes begin and end for the first time; nil if they do not.
  func range(of bytes: ArraySlice<UInt8>) -> Range<Int>? {
    guard let first = bytes.first, count >= bytes.count else { return nil }
    for index in startIndex...(endIndex - bytes.count) where self[index] == first {
      let range = index..<(index + bytes.count)
      if self[range] == bytes { return range }
    }
    return nil
  }
}
