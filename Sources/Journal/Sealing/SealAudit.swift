internal import Domain

/// Whether what is sealed can be read: with the key of its author, or not at all, because that key
/// was destroyed.
///
/// One finding for each person, at the first text that their key should open. Memory: the people
/// whose keys are destroyed or wrong.
struct SealAudit {
  /// Findings after this many are not looked for.
  static let findingsMax = 16

  private let log: CommittedLog
  private var destroyed: Set<UserID> = []
  private var erased: Set<UserID> = []
  private var failed: Set<UserID> = []
  private(set) var findings: [Finding] = []

  init(_ log: CommittedLog) { self.log = log }

  /// Takes the next record.
  mutating func add(
    _ stored: RecordCodec.Stored, in header: BlockHeader
  ) throws(JournalError) {
    let record = stored.record
    if case .user(.erased) = record.event { erased.insert(record.actor) }
    guard record.hasSecret, findings.count < Self.findingsMax,
      !destroyed.contains(record.actor), !failed.contains(record.actor)
    else { return }
    switch try log.keys.key(of: record.actor) {
    case .destroyed:
      destroyed.insert(record.actor)
    case .absent:
      failed.insert(record.actor)
      findings.append(
        Finding(
          "the key store", at: record.position,
          "the key of user:\(record.actor), with which its text is sealed, is missing"))
    case .key:
      do throws(JournalError) {
        _ = try log.open(stored, in: header)
      } catch {
        guard case .otherKey(let position, _) = error else { throw error }
        failed.insert(record.actor)
        findings.append(Finding("the key store", at: position, JournalError.otherKeyProblem))
      }
    }
  }

  /// Whose text is gone although the journal does not say that they asked for it.
  var destroyedWithoutErasure: [UserID] { destroyed.subtracting(erased).sorted() }
}
