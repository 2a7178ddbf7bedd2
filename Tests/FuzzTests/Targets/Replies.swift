@testable import Wire

extension FuzzTarget {
  /// Replies as a client receives them: however the stream is cut, they are the same, and so is
  /// the error; nesting is bounded; a reply that is written again reads as itself.
  static let replies = FuzzTarget(
    name: "replies",
    words: [
      "\r\n", "$-1\r\n", "*-1\r\n", "_\r\n", "#t\r\n", "#f\r\n", ",1.5\r\n", ",nan\r\n",
      ",-inf\r\n",
      "(12345678901234567890\r\n", "=7\r\ntxt:abc\r\n", "%1\r\n", "~2\r\n", ">2\r\n", "|1\r\n",
      "!5\r\nERR a\r\n", "*1\r\n", "+OK\r\n", "-ERR no\r\n", ":-5\r\n", "$1073741824\r\n",
    ].map { Array($0.utf8) },
    seeds: {
      var streams = [
        "%1\r\n+a\r\n*2\r\n:1\r\n|1\r\n+k\r\n+v\r\n,1.5\r\n>2\r\n=7\r\ntxt:abc\r\n$-1\r\n"
      ]
      .map { [1, 0, 2] + Array($0.utf8) }
      for reply in replySeeds {
        for version in [RESPVersion.two, .three] {
          streams.append(
            [1, 0, 2] + ReplyWriter.bytes(reply, framing: .resp, version: version))
        }
      }
      return streams
    },
    run: { input in
      var source = ByteSource(input)
      var cuts = Cuts(&source)
      let stream = source.rest
      let cut = parse(stream) { cuts.next() }
      let whole = parse(stream) { stream.count }
      hold(
        cut.error == whole.error && written(cut.replies) == written(whole.replies),
        "cut otherwise the stream says \(cut) instead of \(whole)")
      let again = parse(written(whole.replies)[...]) { stream.count }
      hold(
        again.error == nil && written(again.replies) == written(whole.replies),
        "written again \(whole.replies) is read as \(again)")
    })
}

private let replySeeds: [Reply] = [
  .ok, .simple("PONG"), .text("h\r\né"), .bytes([0xff]), .integer(-5), .double(1.5),
  .boolean(true), .null, .verbatim("# Server"), .error(code: "ERR", message: "no such thing"),
  .map(["a": .array([.integer(1), .array([])]), "b": .map([:])]), .push([.text("x")]),
]

private func written(_ replies: [Reply]) -> [UInt8] {
  var bytes: [UInt8] = []
  for reply in replies {
    ReplyWriter.write(reply, framing: .resp, version: .three, into: &bytes)
  }
  return bytes
}

private func parse(
  _ stream: ArraySlice<UInt8>, _ next: () -> Int
) -> (replies: [Reply], error: WireError?) {
  var parser = ReplyParser()
  var replies: [Reply] = []
  var rest = stream
  while !rest.isEmpty {
    let piece = rest.prefix(max(1, next()))
    rest = rest.dropFirst(piece.count)
    parser.append(piece)
    do throws(WireError) {
      while let reply = try parser.next() { replies.append(reply) }
    } catch {
      return (replies, error)
    }
  }
  return (replies, nil)
}
