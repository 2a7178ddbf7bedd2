/// Turns received bytes, however they were cut, into requests.
///
/// Feed with `append`, then call `next()` until it returns nil. Nothing is parsed ahead, so
/// `limits` may be changed between two requests; stop calling `next()` while a request that changes
/// them (AUTH) is undecided. What is held after a nil is at most `limits.bufferedBytesMax` and one
/// unfinished header; a caller that does not drain must stop appending.
package struct RequestParser: Sendable {
  package var limits: WireLimits

  private var input = InputBuffer()
  /// Of the RESP request being read.
  private var arguments: [Argument] = []
  private var argumentsMissing = 0
  /// Length of the bulk string being read; nil while its header is awaited.
  private var bulkLength: Int?
  /// Consumed bytes of the RESP request being read, with what its headers have announced.
  private var requestBytes = 0
  private var failure: WireError?

  package init(limits: WireLimits) {
    self.limits = limits
  }

  /// Received and not yet returned as a request.
  package var bufferedBytes: Int {
    input.count + requestBytes - (bulkLength.map { $0 + 2 } ?? 0)
  }

  /// Ignored after an error: the stream has lost its meaning.
  package mutating func append(_ bytes: Span<UInt8>) {
    if failure == nil { input.append(bytes) }
  }

  package mutating func append(_ bytes: some Collection<UInt8>) {
    if failure == nil { input.append(bytes) }
  }

  /// The next complete request; nil if more bytes are needed. An error is final and repeats.
  package mutating func next() throws(WireError) -> Request? {
    if let failure { throw failure }
    do {
      return try parse()
    } catch {
      failure = error
      input.removeAll()
      arguments = []
      bulkLength = nil
      requestBytes = 0
      throw error
    }
  }

  private mutating func parse() throws(WireError) -> Request? {
    while true {
      if argumentsMissing > 0 {
        guard try parseArgument() else { return nil }
        if argumentsMissing == 0 { return takeRequest() }
      } else if input.isEmpty {
        input.release()
        return nil
      } else if input.first == Byte.star {
        guard try parseMultibulkHeader() else { return nil }
      } else if input.first == Byte.tlsHandshake {
        // It may hold no line end for long, and its sender waits for an answer.
        throw .encrypted
      } else {
        guard let words = try parseLine() else { return nil }
        // A page could have a browser send it, with commands of the page's in what follows.
        if words.first?.isWord("HOST:") == true { throw .http }
        if !words.isEmpty { return Request(arguments: words, framing: .line) }
      }
    }
  }

  private mutating func takeRequest() -> Request {
    var taken: [Argument] = []
    swap(&taken, &arguments)
    requestBytes = 0
    return Request(arguments: taken, framing: .resp)
  }

  // MARK: Arrays of bulk strings

  /// False if more bytes are needed. A count of zero or less is skipped, as Redis does.
  private mutating func parseMultibulkHeader() throws(WireError) -> Bool {
    guard let line = try takeHeader() else { return false }
    guard let count = parseDecimal(input.bytes[(line.lowerBound + 1)..<line.upperBound]) else {
      throw .invalidMultibulkLength
    }
    if count > limits.argumentsMax {
      throw limits.isAuthenticated ? .invalidMultibulkLength : .unauthenticatedMultibulkLength
    }
    guard count > 0 else { return true }
    argumentsMissing = Int(count)
    // A bare announcement must not be worth much memory.
    arguments.reserveCapacity(min(argumentsMissing, 64))
    requestBytes = line.count + 2
    return true
  }

  /// False if more bytes are needed.
  private mutating func parseArgument() throws(WireError) -> Bool {
    if bulkLength == nil {
      guard try parseBulkHeader() else { return false }
    }
    guard let bulkLength else { return false }
    switch input.takeBulk(length: bulkLength) {
    case .incomplete:
      return false
    case .unterminated:
      throw .missingLineEndAfterBulk
    case .found(let range):
      arguments.append(Argument(input.bytes[range]))
      argumentsMissing -= 1
      self.bulkLength = nil
      return true
    }
  }

  private mutating func parseBulkHeader() throws(WireError) -> Bool {
    if !input.isEmpty && input.first != Byte.dollar { throw .expectedBulk(got: input.first) }
    guard let line = try takeHeader() else { return false }
    guard let length = parseDecimal(input.bytes[(line.lowerBound + 1)..<line.upperBound]),
      length >= 0
    else { throw .invalidBulkLength }
    if length > limits.argumentBytesMax {
      throw limits.isAuthenticated ? .invalidBulkLength : .unauthenticatedBulkLength
    }
    requestBytes += line.count + 2 + Int(length) + 2
    if requestBytes > limits.bufferedBytesMax { throw .requestTooLong }
    bulkLength = Int(length)
    return true
  }

  /// A line that starts with a type byte; nil if more bytes are needed.
  private mutating func takeHeader() throws(WireError) -> Range<Int>? {
    switch input.takeLine(bytesMax: WireLimits.headerBytesMax) {
    case .incomplete: return nil
    case .tooLong: throw .headerTooLong
    case .found(let range, endsWithCRLF: true): return range
    case .found(_, endsWithCRLF: false):
      throw argumentsMissing > 0 ? .invalidBulkLength : .invalidMultibulkLength
    }
  }

  // MARK: Plain lines

  /// The words of the next line, none if it is blank; nil if more bytes are needed.
  private mutating func parseLine() throws(WireError) -> [Argument]? {
    switch input.takeLine(bytesMax: min(limits.lineBytesMax, limits.bufferedBytesMax)) {
    case .incomplete:
      return nil
    case .tooLong:
      throw .lineTooLong
    case .found(let range, endsWithCRLF: _):
      var splitter = WordSplitter(input.bytes[range], limits: limits)
      return try splitter.split()
    }
  }
}
