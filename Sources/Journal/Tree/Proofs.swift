package import Domain

/// That one event stands at its position among the first `size` events.
package struct InclusionProof: Equatable, Sendable {
  package var leaf: TreeLeaf
  package var size: Position
  package var root: TreeHash
  /// The roots beside the way from the leaf up: as many as the size has binary digits, at most.
  package var path: [TreeHash]

  /// Checks it as RFC 9162 says, section 2.1.3.2.
  package var holds: Bool { holds(TreeHasher()) }

  func holds(_ hasher: TreeHasher) -> Bool {
    guard leaf.position > .zero, leaf.position <= size else { return false }
    var index = leaf.position.raw - 1
    var last = size.raw - 1
    var hash = hasher.leaf(leaf)
    for beside in path {
      guard last > 0 else { return false }
      if index & 1 == 1 || index == last {
        hash = hasher.node(beside, hash)
        while index & 1 == 0, index > 0 {
          index >>= 1
          last >>= 1
        }
      } else {
        hash = hasher.node(hash, beside)
      }
      index >>= 1
      last >>= 1
    }
    return last == 0 && hash == root
  }
}

/// That the first `from` events are the beginning of the first `to` events.
package struct ConsistencyProof: Equatable, Sendable {
  package var from: Position
  package var fromRoot: TreeHash
  package var to: Position
  package var root: TreeHash
  /// Twice as many as the size has binary digits, at most; none where both sizes are one.
  package var path: [TreeHash]

  /// Checks it as RFC 9162 says, section 2.1.4.2.
  package var holds: Bool {
    guard from > .zero, from <= to else { return false }
    if from == to { return path.isEmpty && fromRoot == root }
    let hasher = TreeHasher()
    var rest = path[...]
    if from.raw.nonzeroBitCount == 1 { rest.insert(fromRoot, at: rest.startIndex) }
    guard var old = rest.popFirst() else { return false }
    var new = old
    let common = (from.raw - 1).trailingOnes
    var index = (from.raw - 1) >> common
    var last = (to.raw - 1) >> common
    for beside in rest {
      guard last > 0 else { return false }
      if index & 1 == 1 || index == last {
        old = hasher.node(beside, old)
        new = hasher.node(beside, new)
        while index & 1 == 0, index > 0 {
          index >>= 1
          last >>= 1
        }
      } else {
        new = hasher.node(new, beside)
      }
      index >>= 1
      last >>= 1
    }
    return last == 0 && old == fromRoot && new == root
  }
}

extension UInt64 {
  /// How many binary digits 1 it ends with.
  fileprivate var trailingOnes: UInt64 { UInt64((~self).trailingZeroBitCount) }
}
