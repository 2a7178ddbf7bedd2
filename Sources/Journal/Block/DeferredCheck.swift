package import Domain

/// What opening with `ContentCheck.upTo` left out: every block's hash and link, every request and
/// key, while the journal is read and written. Use from one thread at a time.
package struct DeferredCheck: Sendable {
  private let disk: any JournalDisk
  private let keys: any KeyStore
  /// Where the journal ended: what has been written since is this process's own.
  package let end: Position
  private var chain = ContentChecker.Chain()

  init(disk: any JournalDisk, keys: any KeyStore, end: Position) {
    self.disk = disk
    self.keys = keys
    self.end = end
  }

  /// Checks at least `bytes` more and gives back the memory that they were read through; false at
  /// the end. Throws the first damage, in the words of `verify`.
  package mutating func step(bytes: Int) throws(JournalError) -> Bool {
    defer { disk.releaseMemory() }
    let checker = ContentChecker(disk: disk)
    let before = chain.bytes
    while chain.position < end {
      if chain.bytes - before >= bytes { return true }
      guard try checker.step(&chain) else {
        throw .damage(chain.position.next, "its block is missing")
      }
    }
    try checker.checkRequests()
    _ = try TreeAudit.checkStored(disk)
    try keys.check()
    return false
  }
}
