package import Domain

/// Why an engine does not start: people wrote text, and their keys are not there.
package struct MissingKeys: Error, Equatable, CustomStringConvertible {
  package let count: Int
  package let first: UserID
  /// The data directory; nil for a journal on another disk.
  package let directory: String?

  package var description: String {
    let keys = count == 1 ? "key of 1 person" : "keys of \(count) people"
    return "\(directory ?? "DIR")/keys does not hold the \(keys) who wrote text and are not "
      + "erased, the first is user:\(first): put back the keys that belong to this journal, or "
      + "restore a backup with roost restore --keys"
  }
}
