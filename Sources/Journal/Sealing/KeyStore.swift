package import Domain

/// Where each person's key is. Kept apart from the journal, so that destroying a key erases the
/// text wherever its ciphertext went.
package protocol KeyStore: Sendable {
  func key(of user: UserID) throws(JournalError) -> KeyLookup
  /// Durable when it returns. Keeps keys that exist, and does not revive destroyed ones.
  func add(_ keys: [(user: UserID, key: [UInt8])]) throws(JournalError)
  /// The key is gone when it returns, durably; see each store for what that means.
  func destroy(_ user: UserID) throws(JournalError)
  /// Calls `body` with everybody of whom there is a key or was one, as of one moment, ascending.
  func forEach(
    _ body: (UserID, KeyLookup) throws(JournalError) -> Void
  ) throws(JournalError)
  /// Every stored key fits its checksum.
  func check() throws(JournalError)
  func close()
}

package enum KeyLookup: Equatable, Sendable {
  case key([UInt8])
  case destroyed
  case absent
}
