import Domain
import Testing

struct UserReportTests {
  static func make(
    _ id: UInt64, about other: UserID = bert, post: UInt64? = nil, _ reason: String = "spam"
  ) -> UserCommand {
    .report(
      .make(ReportID(id), other, post.map { PostID($0) }, secret: Secret([.text: reason])))
  }

  static func close(_ id: UInt64) -> UserCommand { .report(.close(ReportID(id))) }

  @Test func `a report is open until a moderator closes it`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    let result = try user.when(Self.make(7, post: 3), by: anna)
    let event = UserEvent.reported(ReportID(7), bert, PostID(3))
    #expect(result.drafts == [Draft(.user(event), secret: Secret([.text: "spam"]))])
    #expect(result.outcome == .id(7))
    try user.when(Self.make(8))
    #expect(user.state.own.extras.value.reports.all == [ReportID(7), ReportID(8)])
    #expect(user.refusal(of: Self.make(8)) == .conflict)
    let closed = try user.when(Self.close(7), by: carl)
    #expect(closed.events == [.user(.reportClosed(ReportID(7)))])
    #expect(user.state.own.extras.value.reports.all == [ReportID(8)])
    #expect(user.refusal(of: Self.close(7), by: carl) == .notFound)
  }

  @Test func `nobody reports themself, nor in another's name`() throws {
    let user = try Scenario<UserState>.signedUp(anna)
    #expect(user.refusal(of: Self.make(1, about: anna)) == .invalid)
    #expect(user.refusal(of: Self.make(1, about: bert), by: carl) == .denied)
  }

  @Test(
    arguments: [
      (String(repeating: "ß", count: 1_000), nil),
      (String(repeating: "ß", count: 1_001), .invalid), ("x", nil), ("", .invalid),
      ("\t", .invalid),
    ] as [(String, Rejection.Code?)])
  func `a reason has 1 to 1 000 characters and is not blank`(
    reason: String, code: Rejection.Code?
  ) throws {
    var user = try Scenario<UserState>.signedUp(anna)
    if let code {
      #expect(user.refusal(of: Self.make(1, reason)) == code)
    } else {
      #expect(try user.when(Self.make(1, reason)).count == 1)
    }
  }

  @Test func `a person has a thousand open reports and no more`() throws {
    var user = try Bounded()
    for id in 1..<UInt64(UserState.openReportsMax) {
      user.fold(.reported(ReportID(id), bert, nil))
    }
    #expect(user.refusal(of: Self.make(5_000)) == nil)
    user.fold(.reported(ReportID(5_000), bert, nil))
    #expect(user.refusal(of: Self.make(5_001)) == .denied)
    user.fold(.reportClosed(ReportID(1)))
    #expect(user.refusal(of: Self.make(5_001)) == nil)
  }
}
