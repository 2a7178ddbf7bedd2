internal import Domain
internal import Entities

extension Frozen {
  /// Folds one of the entity's own events; what it holds already is passed over. Throws where the
  /// entity's numbering has a gap.
  mutating func replay(_ record: Record) throws(RefoldError) {
    guard record.sequence > state.sequence else { return }
    guard record.sequence == state.sequence + 1 else {
      throw .sequenceGap(record.position, key, expected: state.sequence + 1, got: record.sequence)
    }
    state.apply(record)
    ownPosition = record.position
  }

  /// Folds a committed event of another entity; what it holds already is passed over.
  mutating func observe(_ record: Record) {
    guard record.position > observedPosition else { return }
    state.observe(record)
    observedPosition = record.position
  }

  /// Before any event.
  init(blank key: EntityKey) {
    self.init(key: key, state: State(key: key), ownPosition: .zero, observedPosition: .zero)
  }
}
