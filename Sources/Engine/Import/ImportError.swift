package import Domain

/// Why an import refuses or stops.
package enum ImportError: Error, Hashable, Sendable, CustomStringConvertible {
  case badLine(path: String, number: Int, String)
  /// The directory's journal has events already.
  case notEmpty(directory: String, Position)
  /// A rule of the engine refused what a line asks for.
  case refused(path: String, number: Int, Rejection)
  case noTexts(path: String)
  /// Stopped after something had been written.
  case halfDone(directory: String, events: Position, reason: String)

  package var description: String {
    switch self {
    case .badLine(let path, let number, let problem):
      "\(path), line \(number): \(problem)"
    case .notEmpty(let directory, let head):
      "the journal in \(directory) holds \(head) events already; import into a new directory"
    case .refused(let path, let number, let rejection):
      "\(path), line \(number): \(rejection.message)"
    case .noTexts(let path):
      "\(path) holds no text that could be posted"
    case .halfDone(let directory, let events, let reason):
      "\(reason); \(directory) holds the first \(events) events and no more: delete it"
    }
  }
}
