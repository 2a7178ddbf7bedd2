package import Entities

/// Sees every entity once, on the walker's thread.
package protocol EntityVisitor: AnyObject {
  /// Whether what is seen goes into a snapshot from which entities shall come back.
  var keeps: Bool { get }

  func visit<State: StateCoding>(_ entity: Frozen<State>) throws

  /// One that sleeps in a snapshot, as its entry there. Without an implementation, it is read and
  /// visited as any other.
  func visit<State: StateCoding>(
    asleep entry: (key: [UInt8], value: [UInt8]), _ read: () -> Frozen<State>
  ) throws
}

extension EntityVisitor {
  package var keeps: Bool { false }

  package func visit<State: StateCoding>(
    asleep _: (key: [UInt8], value: [UInt8]), _ read: () -> Frozen<State>
  ) throws {
    try visit(read())
  }
}
