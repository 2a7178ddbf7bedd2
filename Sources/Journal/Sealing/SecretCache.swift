internal import Domain
internal import Synchronization

/// Texts that were unsealed lately, by position: a page of popular posts need not be unsealed for
/// each who reads it.
///
/// Two generations: what is read goes into the young one; when that is full it becomes the old one
/// and the old one is dropped. So it holds at most twice `generationBytesMax`, and what is read
/// often stays. Destroying a key empties it, and what was being unsealed at that moment does not
/// get in.
final class SecretCache: Sendable {
  static let generationBytesMax = 8 << 20
  /// What an entry takes beside its text, about.
  private static let entryBytes = 96

  /// Tells whether a key was destroyed since.
  struct Epoch: Equatable {
    fileprivate let number: UInt64
  }

  private struct State {
    var young: [Position: Secret] = [:]
    var old: [Position: Secret] = [:]
    var youngBytes = 0
    var epoch: UInt64 = 0
  }

  private let state = Mutex(State())

  var epoch: Epoch { state.withLock { Epoch(number: $0.epoch) } }

  func secret(at position: Position) -> Secret? {
    state.withLock { state in
      if let secret = state.young[position] { return secret }
      guard let secret = state.old.removeValue(forKey: position) else { return nil }
      Self.add(secret, at: position, to: &state)
      return secret
    }
  }

  /// `epoch` is what was asked for before the key was.
  func add(_ secret: Secret, at position: Position, since epoch: Epoch) {
    state.withLock { state in
      guard state.epoch == epoch.number else { return }
      Self.add(secret, at: position, to: &state)
    }
  }

  /// After a key was destroyed.
  func removeAll() {
    state.withLock { state in
      state.young = [:]
      state.old = [:]
      state.youngBytes = 0
      state.epoch += 1
    }
  }

  private static func add(_ secret: Secret, at position: Position, to state: inout State) {
    state.youngBytes += secret.fields.reduce(entryBytes) { $0 + $1.value.utf8.count }
    state.young[position] = secret
    guard state.youngBytes > generationBytesMax else { return }
    state.old = state.young
    state.young = [:]
    state.youngBytes = 0
  }
}
