internal import Domain
internal import Journal

/// Mark logs, flat: key and position of each mark, then its payload if it has one.
extension CBOREncoder {
  /// `width`: how many items `payload` and the two before it make.
  mutating func marks<Key: Identifier, Payload>(
    _ log: MarkLog<Key, Payload>, width: Int, _ payload: (inout CBOREncoder, Payload) -> Void
  ) {
    array(log.count * width)
    log.forEach { mark in
      id(mark.key)
      position(mark.position)
      payload(&self, mark.payload)
      return true
    }
  }
}

extension CBORDecoder {
  mutating func marks<Key: Identifier, Payload>(
    width: Int, _ payload: (inout CBORDecoder) throws(CBORError) -> Payload
  ) throws(CBORError) -> MarkLog<Key, Payload> {
    let count = try array()
    guard count.isMultiple(of: width) else { throw .invalidValue }
    var log = MarkLog<Key, Payload>()
    var last = Position.zero
    for _ in 0..<(count / width) {
      let key: Key = try id()
      let position = try position()
      guard position > last else { throw .invalidValue }
      log.append(key, at: position, try payload(&self))
      last = position
    }
    return log
  }
}
