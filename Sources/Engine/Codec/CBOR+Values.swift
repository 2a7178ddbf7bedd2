internal import Domain
internal import Journal

extension CBOREncoder {
  mutating func id(_ id: some Identifier) { uint(id.raw) }

  mutating func position(_ position: Position) { uint(position.raw) }

  mutating func instant(_ instant: Instant) { int(instant.ms) }

  /// The value, or null.
  mutating func optional<Value>(_ value: Value?, _ write: (inout CBOREncoder, Value) -> Void) {
    if let value { write(&self, value) } else { null() }
  }

  /// One flat array: user, position, user, position, …
  mutating func positions(_ map: PositionMap) {
    array(map.count * 2)
    map.forEach { user, position in
      uint(user.raw)
      uint(position.raw)
    }
  }

  /// Flat: id, kind, position of each.
  mutating func media(_ media: [MediaReference]) {
    array(media.count * 3)
    for medium in media {
      id(medium.id)
      uint(UInt64(medium.kind.rawValue))
      position(medium.position)
    }
  }

  mutating func uints(_ words: some Collection<UInt64>) {
    array(words.count)
    for word in words { uint(word) }
  }
}

extension CBORDecoder {
  mutating func id<ID: Identifier>() throws(CBORError) -> ID { ID(try uint()) }

  mutating func position() throws(CBORError) -> Position { Position(try uint()) }

  mutating func instant() throws(CBORError) -> Instant { Instant(ms: try int()) }

  /// A count that fits into memory.
  mutating func count() throws(CBORError) -> Int {
    guard let count = Int(exactly: try uint()) else { throw .outOfRange }
    return count
  }

  /// The head of an array that must have `count` items.
  mutating func array(of count: Int) throws(CBORError) {
    guard try array() == count else { throw .invalidValue }
  }

  /// Nil where there is a null.
  mutating func optional<Value>(
    _ read: (inout CBORDecoder) throws(CBORError) -> Value
  ) throws(CBORError) -> Value? {
    if isNull {
      try null()
      return nil
    }
    return try read(&self)
  }

  /// A value of one of our enumerations by its number.
  mutating func choice<Value: RawRepresentable>() throws(CBORError) -> Value
  where Value.RawValue == UInt8 {
    guard let raw = UInt8(exactly: try uint()), let value = Value(rawValue: raw) else {
      throw .invalidValue
    }
    return value
  }

  mutating func positions() throws(CBORError) -> PositionMap {
    let count = try array()
    guard count % 2 == 0 else { throw .invalidValue }
    var map = PositionMap()
    for _ in 0..<(count / 2) { map[try id()] = try position() }
    return map
  }

  mutating func media() throws(CBORError) -> [MediaReference] {
    let count = try array()
    guard count % 3 == 0 else { throw .invalidValue }
    var media: [MediaReference] = []
    for _ in 0..<(count / 3) {
      media.append(
        MediaReference(id: try id(), kind: try choice(), position: try position()))
    }
    return media
  }

  mutating func uints() throws(CBORError) -> [UInt64] {
    let count = try array()
    var words: [UInt64] = []
    words.reserveCapacity(count)
    for _ in 0..<count { words.append(try uint()) }
    return words
  }
}
