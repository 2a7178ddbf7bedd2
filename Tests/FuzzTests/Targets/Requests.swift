@testable import Wire

extension FuzzTarget {
  /// Requests as a connection receives them, in both framings: however the stream is cut, they are
  /// the same and so is the error; nothing passes a bound; what was understood means the same when
  /// it is sent again.
  static let requests = FuzzTarget(
    name: "requests",
    words: [
      "*", "$", "\r\n", "*1\r\n", "*2\r\n$", "*16\r\n", "*1024\r\n", "*-1\r\n", "*0\r\n",
      "$0\r\n\r\n",
      "$-1\r\n", "$1024\r\n", "$1048576\r\n", "$1073741824\r\n", "$4\r\nPING\r\n", "\"", "'",
      "\\x41",
      "\\n", "HOST: a\r\n", "\u{16}\u{3}\u{1}", "GET / HTTP/1.1\r\n", "9223372036854775807",
    ].map { Array($0.utf8) },
    seeds: {
      RequestSeeds.streams.map { [0, 1, 0, 2] + Array($0.utf8) }
    },
    run: { input in
      var source = ByteSource(input)
      let limits = source.choice(RequestStream.limits)
      let cuts = Cuts(&source)
      RequestStream(limits: limits).check(source.rest, cuts)
    })

  /// Lines of words alone: as `requests`, and quoting any words makes a line that says them.
  static let lines = FuzzTarget(
    name: "lines",
    words: ["\"", "'", "\\", "\\x", "\\\"", "\\'", "\\n", "\r\n", "\n", " ", "\t", "\"\"", "''"]
      .map { Array($0.utf8) },
    seeds: {
      RequestSeeds.lines.map { [0, 1, 0, 2] + Array($0.utf8) }
    },
    run: { input in
      var source = ByteSource(input)
      let limits = source.choice(RequestStream.limits)
      let cuts = Cuts(&source)
      // No array begins, so that every input is about lines.
      let stream = source.rest.map { $0 == UInt8(ascii: "*") ? UInt8(ascii: "+") : $0 }
      RequestStream(limits: limits).check(stream[...], cuts)
      checkQuoting(source.rest)
    })
}

enum RequestSeeds {
  static let streams = [
    "*1\r\n$4\r\nPING\r\n", "*2\r\n$3\r\nGET\r\n$2\r\n42\r\n\r\n*0\r\nSAY 'a b' \"c\\n\\\"\"\n",
    "*3\r\n$0\r\n\r\n$4\r\n\r\n\r\n\r\n$2\r\né\r\n*-1\r\nx\n",
    "*4\r\n$1\r\na\r\n$12\r\n123456789012\r\n$0\r\n\r\n$1\r\nz\r\n", "*1025\r\n", "*1\r\n$-1\r\n",
    "POST \"hello \\x41\" KEY k\r\n*2\r\n$4\r\nAUTH\r\n$5\r\ntoken\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  ]
  static let lines = [
    "PING\r\n", "SAY 'a b' \"c\\n\\\"\"\n", "''\"\"\n",
    "\"\\x41\\x4g\\a\\b\\t\\r\\\\\" 'it\\'s'\r\n\n",
    "a b c d e f g h i j k l m n o p q r s t u v\r\n", "  \t \r\nx\n", "\"open\n", "a\"b\"c\n",
    "é日本 \u{0}\u{7f}\r\n", "HOST: x\r\n",
  ]
}

/// What one connection sends.
struct RequestStream {
  /// The real ones, and one whose every bound a short input passes.
  static let limits = [
    .authenticated, .unauthenticated,
    WireLimits(
      lineBytesMax: 48, argumentBytesMax: 12, argumentsMax: 4, bufferedBytesMax: 64,
      isAuthenticated: true),
    WireLimits(
      lineBytesMax: 9, argumentBytesMax: 9, argumentsMax: 2, bufferedBytesMax: 24,
      isAuthenticated: false),
  ]

  let limits: WireLimits

  struct Outcome: Equatable {
    var requests: [Request] = []
    var error: WireError?
  }

  func check(_ stream: ArraySlice<UInt8>, _ cuts: Cuts) {
    var cuts = cuts
    let cut = parse(stream, limits) { cuts.next() }
    let whole = parse(stream, limits) { stream.count }
    hold(cut == whole, "cut otherwise the stream says \(cut) instead of \(whole)")
    guard !whole.requests.isEmpty else { return }
    var encoded: [UInt8] = []
    for request in whole.requests { request.encode(into: &encoded) }
    var generous = limits
    // Framing of short words can cost more than the line they came in.
    generous.bufferedBytesMax += 16 * limits.argumentsMax
    let again = parse(encoded[...], generous) { encoded.count }
    hold(
      again.error == nil && again.requests.map(\.arguments) == whole.requests.map(\.arguments),
      "sent again \(whole.requests) is read as \(again)")
  }

  private func parse(
    _ stream: ArraySlice<UInt8>, _ limits: WireLimits, _ next: () -> Int
  ) -> Outcome {
    var parser = RequestParser(limits: limits)
    var outcome = Outcome()
    var rest = stream
    while !rest.isEmpty, outcome.error == nil {
      let piece = rest.prefix(max(1, next()))
      rest = rest.dropFirst(piece.count)
      parser.append(piece)
      do throws(WireError) {
        while let request = try parser.next() {
          check(request)
          outcome.requests.append(request)
        }
        hold(
          parser.bufferedBytes <= limits.bufferedBytesMax + WireLimits.headerBytesMax + 2,
          "the parser holds \(parser.bufferedBytes) bytes")
      } catch {
        outcome.error = error
      }
    }
    return outcome
  }

  private func check(_ request: Request) {
    hold(!request.arguments.isEmpty, "a request without a name")
    hold(request.arguments.count <= limits.argumentsMax, "a request of too many arguments")
    hold(
      request.arguments.allSatisfy { $0.count <= limits.argumentBytesMax },
      "a request with too long an argument")
  }
}

/// Words cut from any bytes, written in double quotes, are split into the same words.
private func checkQuoting(_ bytes: ArraySlice<UInt8>) {
  let words = bytes.split(separator: 0x20, maxSplits: 15, omittingEmptySubsequences: false)
  var line: [UInt8] = []
  for word in words {
    line.append(UInt8(ascii: "\""))
    for byte in word {
      switch byte {
      case UInt8(ascii: "\n"): line += "\\n".utf8
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): line += [UInt8(ascii: "\\"), byte]
      default: line.append(byte)
      }
    }
    line += "\" ".utf8
  }
  var splitter = WordSplitter(line[...], limits: .authenticated)
  let split = try? splitter.split()
  hold(split == words.map { Argument($0) }, "quoted words are split into \(split ?? [])")
}
