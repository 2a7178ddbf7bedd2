package import Domain

/// Hashes and checks passwords off the shards' threads.
package protocol PasswordHasher: Sendable {
  /// The password's hash in PHC string form. Throws BUSY when too many wait.
  func hash(_ password: String) async throws(Rejection) -> String
  /// Whether the password fits; the same work for nil, which never fits. Throws BUSY when too many
  /// wait.
  func verify(_ password: String, against hash: String?) async throws(Rejection) -> Bool
}
