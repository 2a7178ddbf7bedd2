import Domain

@testable import Journal

extension FuzzTarget {
  /// Checkpoints and the keys that sign them, as the command line reads them: what is accepted is
  /// written again as the same text.
  static let notes = FuzzTarget(
    name: "notes", bytesMax: 1_024,
    words: ["\n\n", "\u{2014} ", "time ", "PRIVATE+KEY+", "+", "=", "\r\n"].map { Array($0.utf8) },
    seeds: { noteSeeds() },
    run: { input in
      let text = String(decoding: input, as: UTF8.self)
      if let checkpoint = Checkpoint(text) {
        hold(checkpoint.text.utf8.elementsEqual(text.utf8), "\(text) is kept as \(checkpoint.text)")
        _ = checkpoint.isSigned(by: noteKey.verifier)
      }
      if let key = VerifierKey(text) {
        hold(key.description.utf8.elementsEqual(text.utf8), "\(text) is read as \(key)")
      }
      if let key = SigningKey(text) {
        hold(key.text.utf8.elementsEqual(text.utf8), "\(text) is read as another key")
      }
    })

  /// Proofs over small trees, against the recursive definition of RFC 6962: what it proves holds,
  /// and nothing with a byte changed does.
  static let proofs = FuzzTarget(
    name: "proofs", bytesMax: 64,
    seeds: { (1..<12 as Range<UInt8>).map { [$0, $0 / 2, $0 / 3, 1, 2, 3] } },
    run: { input in
      var source = ByteSource(input)
      let size = Int(source.byte()) % leaves.count + 1
      let index = Int(source.byte()) % size
      let from = Int(source.byte()) % size + 1
      checkInclusion(index, size, &source)
      checkConsistency(from, size, &source)
    })
}

private struct CountingRandom: RandomSource {
  func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0) } }
}

private let noteKey = SigningKey(name: "example.org/roost", random: CountingRandom())

private func noteSeeds() -> [[UInt8]] {
  guard let root = TreeHash(Array(repeating: 9, count: TreeHash.length)) else { return [] }
  let checkpoint = Checkpoint(
    size: Position(105), root: root, time: Instant(ms: 1_700_000_000_000), key: noteKey)
  return [
    checkpoint.text, checkpoint.text.replacing("\n", with: "\r\n"), "\(noteKey.verifier)",
    noteKey.text,
  ].map { Array($0.utf8) }
}

private let leaves: [TreeLeaf] = (1...40 as ClosedRange<UInt64>).map { position in
  TreeLeaf(
    position: Position(position), baseTime: Instant(ms: 1_000),
    nonce: Array(repeating: 0, count: 24),
    record: [UInt8(position)])
}

/// All of the subtrees, hashed once: `nodes[start][count]`.
private let hashes: [[TreeHash?]] = {
  let hasher = TreeHasher()
  var hashes = Array(repeating: [TreeHash?](repeating: nil, count: 41), count: 40)
  for count in 1...40 {
    for start in 0...(40 - count) {
      if count == 1 {
        hashes[start][1] = hasher.leaf(leaves[start])
        continue
      }
      let middle = split(count)
      guard let left = hashes[start][middle], let right = hashes[start + middle][count - middle]
      else { continue }
      hashes[start][count] = hasher.node(left, right)
    }
  }
  return hashes
}()

/// The greatest power of two below a count.
private func split(_ count: Int) -> Int {
  1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
}

private func hash(_ start: Int, _ count: Int) -> TreeHash {
  guard let hash = hashes[start][count] else { fatalError("a subtree of \(count) has no hash") }
  return hash
}

/// PATH of RFC 6962, section 2.1.1.
private func path(_ index: Int, _ start: Int, _ count: Int) -> [TreeHash] {
  if count == 1 { return [] }
  let middle = split(count)
  return index < middle
    ? path(index, start, middle) + [hash(start + middle, count - middle)]
    : path(index - middle, start + middle, count - middle) + [hash(start, middle)]
}

/// SUBPROOF of RFC 6962, section 2.1.2.
private func subproof(_ size: Int, _ start: Int, _ count: Int, isWhole: Bool) -> [TreeHash] {
  if size == count { return isWhole ? [] : [hash(start, count)] }
  let middle = split(count)
  return size <= middle
    ? subproof(size, start, middle, isWhole: isWhole) + [hash(start + middle, count - middle)]
    : subproof(size - middle, start + middle, count - middle, isWhole: false)
      + [hash(start, middle)]
}

private func checkInclusion(_ index: Int, _ size: Int, _ source: inout ByteSource) {
  var proof = InclusionProof(
    leaf: leaves[index], size: Position(UInt64(size)), root: hash(0, size),
    path: path(index, 0, size))
  hold(proof.holds, "\(proof) does not hold")
  let change = source.byte()
  switch change % 4 {
  case 0: proof.leaf = leaves[(index + 1 + Int(change)) % leaves.count]
  case 1: proof.size = Position(source.number())
  case 2: proof.root = hash(0, size % 40 + 1)
  default: changePath(&proof.path, &source)
  }
  let isAsBefore =
    proof.leaf == leaves[index] && proof.size == Position(UInt64(size))
    && proof.root == hash(0, size) && proof.path == path(index, 0, size)
  // A size at which the leaf has the same way up may be another: the root says which.
  if change % 4 != 1 { hold(proof.holds == isAsBefore, "\(proof) holds") } else { _ = proof.holds }
}

private func checkConsistency(_ from: Int, _ size: Int, _ source: inout ByteSource) {
  var proof = ConsistencyProof(
    from: Position(UInt64(from)), fromRoot: hash(0, from), to: Position(UInt64(size)),
    root: hash(0, size), path: subproof(from, 0, size, isWhole: true))
  hold(proof.holds, "\(proof) does not hold")
  let whole = proof
  switch source.byte() % 4 {
  case 0: proof.fromRoot = hash(0, from % 40 + 1)
  case 1: proof.root = hash(0, size % 40 + 1)
  case 2:
    proof.from = Position(source.number())
    proof.to = Position(source.number())
    _ = proof.holds
    return
  default: changePath(&proof.path, &source)
  }
  hold(proof.holds == (proof == whole), "\(proof) holds")
}

private func changePath(_ path: inout [TreeHash], _ source: inout ByteSource) {
  let other = hash(Int(source.byte()) % 40, 1)
  let place = Int(source.byte())
  switch source.byte() % 3 {
  case 0 where !path.isEmpty: path[place % path.count] = other
  case 1 where !path.isEmpty: path.remove(at: place % path.count)
  default: path.insert(other, at: place % (path.count + 1))
  }
}
