/// Splits a plain line into words by the rules of Redis's `sdssplitargs`.
///
/// Blanks separate. In "double quotes": `\n \r \t \b \a \xHH`, and a backslash before anything else
/// stands for that byte. In 'single quotes' only `\'` is special. A quote may open within a word;
/// after a closing one comes a blank or the end.
struct WordSplitter {
  private let line: ArraySlice<UInt8>
  private let limits: WireLimits
  private var index: Int
  /// The word being read, once it has left the plain path.
  private var word: [UInt8] = []

  init(_ line: ArraySlice<UInt8>, limits: WireLimits) {
    self.line = line
    self.limits = limits
    index = line.startIndex
  }

  mutating func split() throws(WireError) -> [Argument] {
    var words: [Argument] = []
    while true {
      while index < line.endIndex && Byte.isBlank(line[index]) { index += 1 }
      if index == line.endIndex { return words }
      if words.count == limits.argumentsMax { throw .tooManyWords }
      words.append(try takeWord())
    }
  }

  private mutating func takeWord() throws(WireError) -> Argument {
    let start = index
    while index < line.endIndex {
      let byte = line[index]
      if byte == Byte.doubleQuote || byte == Byte.singleQuote {
        return try takeQuotedWord(after: line[start..<index])
      }
      if Byte.isBlank(byte) { break }
      index += 1
    }
    if index - start > limits.argumentBytesMax { throw .wordTooLong }
    return Argument(line[start..<index])
  }

  private mutating func takeQuotedWord(after plain: ArraySlice<UInt8>) throws(WireError) -> Argument
  {
    word.removeAll(keepingCapacity: true)
    word.append(contentsOf: plain)
    if line[index] == Byte.doubleQuote {
      try takeDoubleQuoted()
    } else {
      try takeSingleQuoted()
    }
    if index < line.endIndex && !Byte.isBlank(line[index]) { throw .unbalancedQuotes }
    if word.count > limits.argumentBytesMax { throw .wordTooLong }
    return Argument(word)
  }

  private mutating func takeDoubleQuoted() throws(WireError) {
    index += 1
    while index < line.endIndex {
      let byte = line[index]
      index += 1
      if byte == Byte.doubleQuote { return }
      if byte == Byte.backslash && index < line.endIndex {
        takeEscape()
      } else {
        word.append(byte)
      }
    }
    throw .unbalancedQuotes
  }

  /// What follows a backslash in double quotes.
  private mutating func takeEscape() {
    let byte = line[index]
    if byte == UInt8(ascii: "x"), index + 2 < line.endIndex,
      let high = Byte.hexValue(line[index + 1]), let low = Byte.hexValue(line[index + 2])
    {
      word.append(high << 4 | low)
      index += 3
      return
    }
    index += 1
    switch byte {
    case UInt8(ascii: "n"): word.append(Byte.lineFeed)
    case UInt8(ascii: "r"): word.append(Byte.carriageReturn)
    case UInt8(ascii: "t"): word.append(Byte.tab)
    case UInt8(ascii: "b"): word.append(0x08)
    case UInt8(ascii: "a"): word.append(0x07)
    default: word.append(byte)
    }
  }

  private mutating func takeSingleQuoted() throws(WireError) {
    index += 1
    while index < line.endIndex {
      let byte = line[index]
      index += 1
      if byte == Byte.singleQuote { return }
      if byte == Byte.backslash && index < line.endIndex && line[index] == Byte.singleQuote {
        word.append(Byte.singleQuote)
        index += 1
      } else {
        word.append(byte)
      }
    }
    throw .unbalancedQuotes
  }
}

extension Request {
  /// The words of a plain line, split and unquoted; none of a blank one.
  package static func words(
    _ line: String, limits: WireLimits = .authenticated
  ) throws(WireError) -> [Argument] {
    var splitter = WordSplitter(Array(line.utf8)[...], limits: limits)
    return try splitter.split()
  }
}
