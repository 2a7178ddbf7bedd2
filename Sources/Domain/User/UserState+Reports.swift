/// What can be asked about reports to the moderators. A report is its reporter's.
package enum ReportCommand: Equatable, Sendable {
  /// About a post of this person or, without one, the person. That the reporter can see them is the
  /// caller's to check. Secret: text, why. Answers the id.
  case make(ReportID, UserID, PostID?, secret: Secret)
  /// That the actor is a moderator is the caller's to check.
  case close(ReportID)
}

extension UserState {
  /// Of one person, not yet closed.
  package static let openReportsMax = 1_000

  func decideReport(_ command: ReportCommand) throws(Rejection) -> Decision {
    switch command {
    case .make(let report, let other, let post, let secret):
      guard other != id else { throw Rejection(.invalid, "nobody can report themself") }
      try secret.validateReason()
      guard !own.extras.value.reports.contains(report) else {
        throw Rejection(.conflict, "there is a report with this id already")
      }
      guard own.extras.value.reports.count < Self.openReportsMax else {
        throw Rejection(
          .denied, "at most \(Self.openReportsMax) open reports; wait for the moderators")
      }
      return Decision(
        [Draft(.user(.reported(report, other, post)), secret: secret)], .id(report.raw))
    case .close(let report):
      guard own.extras.value.reports.contains(report) else { throw .noSuchReport }
      return Decision([Draft(.user(.reportClosed(report)))], .ok)
    }
  }
}
