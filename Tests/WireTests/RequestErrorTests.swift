import Testing
import Wire

struct RequestErrorTests {
  @Test(arguments: [
    ("*x\r\n", "invalid multibulk length"), ("*01\r\n", "invalid multibulk length"),
    ("*\r\n", "invalid multibulk length"), ("*1\n", "invalid multibulk length"),
    ("*99999999999999999999\r\n", "invalid multibulk length"),
    ("*1\r\nPING\r\n", "expected '$', got 'P'"), ("*1\r\n\r\n", "expected '$', got '\\x0d'"),
    ("*1\r\n$-1\r\n", "invalid bulk length"), ("*1\r\n$x\r\n", "invalid bulk length"),
    ("*1\r\n$4\n", "invalid bulk length"),
    ("*1\r\n$4\r\nPINGxx", "expected CRLF after bulk string"),
    ("*1\r\n$4\r\nPING\rx", "expected CRLF after bulk string"),
    ("*1111111111111111111111111111111111111", "too big count string"),
    ("say \"hi\n", "unbalanced quotes in request"),
    ("POST / HTTP/1.1\r\nhost: a\r\n", "this port takes no HTTP"),
    ("\u{16}\u{3}\u{1}", "this port takes no TLS"),
  ])
  func `malformed framing is named as Redis names it`(text: String, reason: String) {
    #expect(refusal(text)?.message == "Protocol error: " + reason)
  }

  @Test func `an error is final`() throws {
    var parser = RequestParser(limits: .authenticated)
    parser.append("PING\n*x\r\nPING\n".utf8)
    #expect(try parser.next() != nil)
    #expect(throws: WireError.invalidMultibulkLength) { try parser.next() }
    parser.append("PING\n".utf8)
    #expect(throws: WireError.invalidMultibulkLength) { try parser.next() }
    #expect(parser.bufferedBytes == 0)
  }

  @Test func `an error is an ERR reply`() {
    #expect(
      WireError.unbalancedQuotes.reply
        == .error(code: "ERR", message: "Protocol error: unbalanced quotes in request"))
  }
}

/// Each bound: exactly it is accepted, one more is refused.
struct RequestBoundTests {
  private func line(_ length: Int) -> String { String(repeating: "a", count: length) }

  @Test(arguments: [WireLimits.authenticated, .unauthenticated])
  func `the length of a line`(limits: WireLimits) throws {
    var wide = limits
    wide.argumentBytesMax = 1 << 20
    let longest = line(limits.lineBytesMax)
    #expect(try requests(longest + "\n", limits: wide).count == 1)
    #expect(try requests(longest + "\r\n", limits: wide).count == 1)
    #expect(refusal(longest + "a\n", limits: wide) == .lineTooLong)
    #expect(refusal(longest + "a\r\n", limits: wide) == .lineTooLong)
    // Refused as soon as it is certain, not when the line ends.
    #expect(refusal(longest, limits: wide) == nil)
    #expect(refusal(longest + "\r", limits: wide) == nil)
    #expect(refusal(longest + "a", limits: wide) == .lineTooLong)
    #expect(refusal(longest + "\ra", limits: wide) == .lineTooLong)
  }

  @Test(arguments: [WireLimits.authenticated, .unauthenticated])
  func `the length of an argument`(limits: WireLimits) throws {
    let length = limits.argumentBytesMax
    #expect(try requests("*1\r\n$\(length)\r\n\(line(length))\r\n", limits: limits).count == 1)
    #expect(
      refusal("*1\r\n$\(length + 1)\r\n", limits: limits)
        == (limits.isAuthenticated ? .invalidBulkLength : .unauthenticatedBulkLength))
    guard !limits.isAuthenticated else { return }
    #expect(try words(line(length) + "\n", limits: limits).count == 1)
    #expect(refusal(line(length + 1) + "\n", limits: limits) == .wordTooLong)
    #expect(try words("'\(line(length))'\n", limits: limits).count == 1)
    #expect(refusal("'\(line(length + 1))'\n", limits: limits) == .wordTooLong)
  }

  @Test(arguments: [WireLimits.authenticated, .unauthenticated])
  func `the number of arguments`(limits: WireLimits) throws {
    let count = limits.argumentsMax
    let words = Array(repeating: "x", count: count)
    #expect(try requests(Request.encoded(words), limits: limits)[0].arguments.count == count)
    #expect(
      refusal("*\(count + 1)\r\n", limits: limits)
        == (limits.isAuthenticated ? .invalidMultibulkLength : .unauthenticatedMultibulkLength))
    let text = words.joined(separator: " ")
    #expect(try requests(text + "\n", limits: limits)[0].arguments.count == count)
    #expect(refusal(text + " x\n", limits: limits) == .tooManyWords)
  }

  @Test func `the length of a whole request, as soon as it is announced`() throws {
    var limits = WireLimits.authenticated
    let request = Request.encoded(["SAY", "hello", "there"])
    limits.bufferedBytesMax = request.count
    #expect(try requests(request, limits: limits).count == 1)
    limits.bufferedBytesMax -= 1
    #expect(refusal(request, limits: limits) == .requestTooLong)
    // The last five bytes and their line end are not needed to know.
    #expect(refusal(request.dropLast(7), limits: limits) == .requestTooLong)
  }

  @Test func `a header of digits without end`() {
    let digits = String(repeating: "1", count: 31)
    #expect(refusal("*" + digits) == nil)
    #expect(refusal("*" + digits + "1") == .headerTooLong)
  }

  @Test func `limits may grow between two requests`() throws {
    var parser = RequestParser(limits: .unauthenticated)
    let big = String(repeating: "x", count: 2048)
    parser.append(Request.encoded(["AUTH", "t"]) + Request.encoded(["ECHO", big]))
    #expect(try parser.next()?.arguments.first == "AUTH")
    parser.limits = .authenticated
    #expect(try parser.next()?.arguments.last == Argument(big))
  }

  @Test func `what is held is counted, and given back`() throws {
    var parser = RequestParser(limits: .authenticated)
    let bytes = Request.encoded(["ECHO", "hello"])
    for (index, byte) in bytes.enumerated() {
      parser.append(CollectionOfOne(byte))
      let request = try parser.next()
      #expect((request != nil) == (index == bytes.count - 1))
      #expect(parser.bufferedBytes == (request == nil ? index + 1 : 0))
    }
  }

  @Test func `a megabyte byte by byte takes linear time`() throws {
    let bytes = Request.encoded(["ECHO", line(1 << 20)])
    var parser = RequestParser(limits: .authenticated)
    let clock = ContinuousClock()
    var found = 0
    let time = try clock.measure {
      for byte in bytes {
        parser.append(CollectionOfOne(byte))
        if try parser.next() != nil { found += 1 }
      }
    }
    #expect(found == 1)
    // Linear: under a second even unoptimised. Quadratic: hours.
    #expect(time < .seconds(20))
  }
}
