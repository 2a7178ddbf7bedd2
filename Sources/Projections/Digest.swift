internal import Journal

/// What tells two states of a read model apart: the sum over its entries of
/// BLAKE2b-256(key ‖ value), in four lanes of 64 bits that wrap.
///
/// A sum does not depend on order, so the digests of all shards add up to the same value however
/// many shards there are.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
  package private(set) var lanes: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  package init() {}

  /// Adds an entry by the BLAKE2b-256 of its key and its value.
  package mutating func add(entry hash: [UInt8]) {
    lanes.0 &+= Self.lane(hash, 0)
    lanes.1 &+= Self.lane(hash, 8)
    lanes.2 &+= Self.lane(hash, 16)
    lanes.3 &+= Self.lane(hash, 24)
  }

  package static func + (left: Digest, right: Digest) -> Digest {
    var sum = left
    sum.lanes.0 &+= right.lanes.0
    sum.lanes.1 &+= right.lanes.1
    sum.lanes.2 &+= right.lanes.2
    sum.lanes.3 &+= right.lanes.3
    return sum
  }

  package static func == (left: Digest, right: Digest) -> Bool { left.lanes == right.lanes }

  package func hash(into hasher: inout Hasher) { hasher.combine(lanes.0) }

  /// 64 hexadecimal digits.
  package var description: String {
    [lanes.0, lanes.1, lanes.2, lanes.3].map { lane in
      let digits = String(lane, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  private static func lane(_ bytes: [UInt8], _ start: Int) -> UInt64 {
    bytes[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// Adds up a digest entry by entry.
struct DigestAdder: ~Copyable {
  private let hash = BLAKE2b()
  private(set) var digest = Digest()

  mutating func add(key: [UInt8], value: [UInt8]) {
    hash.update(key)
    hash.update(value)
    digest.add(entry: hash.finish())
  }
}
