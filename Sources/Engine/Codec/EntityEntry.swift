internal import Domain
internal import Entities
internal import Journal

/// An entity as a snapshot's entry: key [kind, identifier], value [own position, observed position,
/// state].
struct EntityEntry {
  private(set) var key = CBOREncoder()
  private(set) var value = CBOREncoder()

  /// Overwrites what was written before.
  mutating func write<State: StateCoding>(_ entity: Frozen<State>) {
    key.reset()
    entity.key.encode(into: &key)
    value.reset()
    value.array(3)
    value.position(entity.ownPosition)
    value.position(entity.observedPosition)
    entity.state.encode(into: &value)
  }

  static func read<State: StateCoding>(
    _: State.Type, key: ArraySlice<UInt8>, value: ArraySlice<UInt8>
  ) throws(CBORError) -> Frozen<State> {
    let key = try readKey(key)
    guard EntityKind(of: key) == State.kind else { throw .invalidValue }
    var decoder = CBORDecoder(value)
    let (own, observed) = try positions(&decoder)
    let state = try State(key: key, from: &decoder)
    try decoder.finish()
    return Frozen(key: key, state: state, ownPosition: own, observedPosition: observed)
  }

  /// The positions and the bytes of the state in an entry's value.
  static func parts(
    of value: [UInt8]
  ) throws(CBORError) -> (own: Position, observed: Position, state: ArraySlice<UInt8>) {
    var decoder = CBORDecoder(value)
    let (own, observed) = try positions(&decoder)
    return (own, observed, try decoder.item())
  }

  private static func positions(
    _ decoder: inout CBORDecoder
  ) throws(CBORError) -> (own: Position, observed: Position) {
    try decoder.array(of: 3)
    let own = try decoder.position()
    return (own, try decoder.position())
  }

  static func readKey(_ bytes: ArraySlice<UInt8>) throws(CBORError) -> EntityKey {
    var decoder = CBORDecoder(bytes)
    let key = try EntityKey(from: &decoder)
    try decoder.finish()
    return key
  }
}
