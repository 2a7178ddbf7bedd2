package import Entities

/// Sees every entity once, on the walker's thread.
package protocol EntityVisitor: AnyObject {
  func visit<State: StateCoding>(_ entity: Frozen<State>) throws
}
