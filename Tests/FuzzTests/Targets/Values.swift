@testable import Journal

extension FuzzTarget {
  /// Canonical CBOR: what is accepted item by item is written again as the same bytes; passing over
  /// an item and reading it agree; packed numbers read as they are written.
  static let values = FuzzTarget(
    name: "values",
    words: [
      [0x18, 0x18], [0x19, 0x01, 0x00], [0x1A, 0x00, 0x01, 0x00, 0x00], [0x38, 0xFF], [0x40],
      [0x41],
      [0x60], [0x80], [0x81], [0xA1], [0xF4], [0xF6], [0x44, 0x04], [0x49, 0x08],
    ],
    seeds: {
      [
        [0x83, 0x01, 0x38, 0x18, 0xA1, 0x01, 0x62, 0xC3, 0xA9],
        [0x49, 0x04, 1, 0, 0, 0, 2, 0, 0, 0],
        [0x51, 0x08, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0], [0xF4, 0xF5, 0xF6, 0x40],
        Array(repeating: 0x81, count: 20) + [0x00],
      ]
    },
    run: { input in
      var decoder = CBORDecoder(input)
      var encoder = CBOREncoder()
      while !decoder.isAtEnd {
        var other = decoder
        let item = try? other.item()
        let start = decoder.index
        let before = encoder.bytes.count
        let isRead = (try? copy(from: &decoder, to: &encoder, depth: 0)) != nil
        hold(isRead == (item != nil), "passing over and reading do not agree at byte \(start)")
        guard let item else { break }
        hold(encoder.bytes[before...].elementsEqual(item), "\(item) is written otherwise")
        checkPacked(item)
      }
    })

  /// JSON: what is accepted is written and read as the same.
  static let json = FuzzTarget(
    name: "json",
    words: [
      "{\"", "\":", "\",\"", "[", "]", "}", "\\u00", "\\ud83d\\ude00", "null", "true", "false",
      "-0",
      "9223372036854775807", "18446744073709551615", "\\\"", "\\n", "é",
    ].map { Array($0.utf8) },
    seeds: {
      [
        "{\"a\":[1,-2,18446744073709551615,true,false,null]}",
        "{\"b\":{\"\\u00e9\\n\":\"\\ud83d\\ude00\"}}",
        "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", " [ ] ", "-9223372036854775808", "\"é\\/\\b\\f\\t\"",
      ].map { Array($0.utf8) }
    },
    run: { input in
      guard let value = try? JSONValue.parse(input[...]) else { return }
      var writer = JSONWriter()
      write(value, &writer)
      guard let again = try? JSONValue.parse(writer.bytes[...]) else {
        fatalError("\(value) is not read back")
      }
      hold(again == value, "\(value) is read back as \(again)")
    })
}

/// One item, by what it says that it is.
private func copy(
  from decoder: inout CBORDecoder, to encoder: inout CBOREncoder, depth: Int
) throws(CBORError) {
  guard depth < CBORDecoder.depthMax else { throw .tooDeep }
  if decoder.isUInt { return encoder.uint(try decoder.uint()) }
  if decoder.isNull {
    try decoder.null()
    return encoder.null()
  }
  if let flag = attempt(&decoder, { (decoder) throws(CBORError) in try decoder.bool() }) {
    encoder.bool(flag)
  } else if let bytes = attempt(&decoder, { (decoder) throws(CBORError) in try decoder.bytes() }) {
    encoder.bytes(bytes)
  } else if let text = attempt(&decoder, { (decoder) throws(CBORError) in try decoder.text() }) {
    encoder.text(text)
  } else if let count = attempt(&decoder, { (decoder) throws(CBORError) in try decoder.array() }) {
    encoder.array(count)
    for _ in 0..<count { try copy(from: &decoder, to: &encoder, depth: depth + 1) }
  } else if let count = attempt(&decoder, { (decoder) throws(CBORError) in try decoder.map() }) {
    encoder.map(count)
    for _ in 0..<(2 * count) { try copy(from: &decoder, to: &encoder, depth: depth + 1) }
  } else {
    try copyNegative(from: &decoder, to: &encoder)
  }
}

/// A decoder that has thrown stands anywhere: so each attempt has one of its own.
private func attempt<Value>(
  _ decoder: inout CBORDecoder, _ read: (inout CBORDecoder) throws(CBORError) -> Value
) -> Value? {
  var other = decoder
  guard let value = try? read(&other) else { return nil }
  decoder = other
  return value
}

/// A negative number down to -2^64, of which `int` takes the upper half.
private func copyNegative(
  from decoder: inout CBORDecoder, to encoder: inout CBOREncoder
) throws(CBORError) {
  var other = decoder
  let item = try decoder.item()
  guard let number = negative(item) else { throw .unexpectedType }
  guard number <= UInt64(Int64.max) else { return encoder.encoded(item) }
  encoder.int(try other.int())
  hold(decoder.index == other.index, "a number has two lengths: \(item)")
}

/// What a negative number's head says.
private func negative(_ item: ArraySlice<UInt8>) -> UInt64? {
  guard let first = item.first, first >> 5 == 1 else { return nil }
  if item.count == 1 { return UInt64(first & 0x1F) }
  return item.dropFirst().reduce(0) { $0 << 8 | UInt64($1) }
}

private func checkPacked(_ item: ArraySlice<UInt8>) {
  var decoder = CBORDecoder(item)
  guard let packed = try? decoder.packed() else { return }
  let words = packed.wideWords()
  hold(words.count == packed.count, "\(words.count) numbers instead of \(packed.count)")
  var encoder = CBOREncoder()
  encoder.packed(wide: words)
  var again = CBORDecoder(encoder.bytes)
  hold((try? again.packed())?.wideWords() == words, "\(words) are packed otherwise")
  guard let narrow = try? packed.words() else { return }
  hold(narrow.map { UInt64($0) } == words, "\(narrow) are not \(words)")
  encoder.reset()
  encoder.packed(narrow)
  hold(encoder.bytes.elementsEqual(item), "\(narrow) are packed otherwise")
}

private func write(_ value: JSONValue, _ writer: inout JSONWriter) {
  switch value {
  case .object(let members):
    writer.open("{")
    for (key, value) in members {
      writer.key(key)
      write(value, &writer)
    }
    writer.close("}")
  case .array(let items):
    writer.open("[")
    for item in items { write(item, &writer) }
    writer.close("]")
  case .string(let text): writer.string(text)
  case .integer(let number): writer.raw("\(number)")
  case .large(let number): writer.raw("\(number)")
  case .bool(let flag): writer.raw(flag ? "true" : "false")
  case .null: writer.raw("null")
  }
}
