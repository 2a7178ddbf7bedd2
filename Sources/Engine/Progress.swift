/// How far a long work has come.
package struct Progress: Sendable {
  /// What is being done, in a word or two.
  package var title: String
  package var done: UInt64
  /// Nil where the end is not known.
  package var total: UInt64?
  /// What `done` counts: "records", "bytes".
  package var unit: String

  package init(title: String, done: UInt64, total: UInt64?, unit: String) {
    self.title = title
    self.done = done
    self.total = total
    self.unit = unit
  }
}

/// Told now and then, on the thread that does the work.
package typealias ProgressReport = (Progress) -> Void
