/// Where time comes from: the system's clock in production, a virtual one under simulation and in
/// imports.
package protocol Clock: Sendable {
  var now: Instant { get }
}

/// Where randomness comes from: the system's generator in production, a seeded one under simulation
/// and in seeded imports. Used for keys, nonces, salts and tokens.
package protocol RandomSource: Sendable {
  /// `count` fresh bytes.
  func bytes(_ count: Int) -> [UInt8]
}
