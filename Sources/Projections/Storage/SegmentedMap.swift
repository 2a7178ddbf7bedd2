internal import Domain

/// A key that says in which segment it lives: the same in every process.
protocol SegmentKey: Hashable, Sendable {
  /// Well mixed in its upper bits.
  var segmentHash: UInt64 { get }
}

/// A dictionary in segments that are copied one by one: a copy of the whole retains one buffer, and
/// a later write copies the segment that it touches.
struct SegmentedMap<Key: SegmentKey, Value: Sendable>: Sendable {
  static var segmentCount: Int { 1_024 }

  private var segments: [[Key: Value]] = Array(repeating: [:], count: Self.segmentCount)

  @inline(__always)
  private func segment(of key: Key) -> Int { Int(key.segmentHash >> 54) }

  subscript(key: Key) -> Value? {
    get { segments[segment(of: key)][key] }
    _modify { yield &segments[segment(of: key)][key] }
  }

  subscript(key: Key, default value: @autoclosure () -> Value) -> Value {
    get { segments[segment(of: key)][key, default: value()] }
    _modify { yield &segments[segment(of: key)][key, default: value()] }
  }

  var count: Int { segments.reduce(0) { $0 + $1.count } }

  func forEach(_ body: (Key, Value) -> Void) {
    for segment in segments {
      for (key, value) in segment { body(key, value) }
    }
  }

  mutating func forEachValue(_ body: (inout Value) -> Void) {
    for segment in segments.indices {
      for key in segments[segment].keys { body(&segments[segment][key]!) }
    }
  }
}

extension PostID: SegmentKey { var segmentHash: UInt64 { mix64(raw) } }
extension ChatID: SegmentKey { var segmentHash: UInt64 { mix64(raw) } }
extension Tag: SegmentKey { var segmentHash: UInt64 { stableHash } }
