/// What has a value before anything happened to it.
package protocol Blank: Equatable, Sendable {
  init()
}

/// A value that most owners never change: until then it takes 8 bytes and no allocation.
package struct Rare<Value: Blank>: Sendable {
  /// One or none.
  private var stored: [Value] = []

  package init() {}

  /// Whether it is as it was made.
  package var isBlank: Bool { stored.isEmpty || stored[0] == Value() }

  /// False if it was never changed. O(1), where `isBlank` compares.
  package var isStored: Bool { !stored.isEmpty }

  package var value: Value {
    // Yielded in place: a getter would copy, and most of what is asked is one field.
    _read {
      if stored.isEmpty { yield Value() } else { yield stored[0] }
    }
    _modify {
      if stored.isEmpty { stored.append(Value()) }
      yield &stored[0]
    }
  }
}

extension Rare: Equatable {
  /// It makes no difference whether a blank value is stored.
  package static func == (left: Rare, right: Rare) -> Bool { left.value == right.value }
}
