package import Domain
internal import Journal

/// What people have reported and no moderator has closed. Not spread: on the first shard.
package struct Reports: Projection {
  package static let name = ProjectionName.reports
  package static let foldVersion: UInt32 = 1
  package static let encodingVersion: UInt32 = 1

  package internal(set) var position = Position.zero
  private let placement: Placement
  private var open = OrderedList<OpenReport>()

  init(placement: Placement) { self.placement = placement }

  mutating func fold(_ record: Record) {
    position = record.position
    guard placement.isFirst, case .user(let event) = record.event else { return }
    switch event {
    case .reported(let id, let user, let post):
      open.insert(
        OpenReport(
          id: id, reporter: record.actor, user: user, post: post, position: record.position,
          time: record.time))
    case .reportClosed(let id):
      open.remove(key: id.raw)
    case .erased:
      // With the reporter's key the reasons are gone.
      for report in open.all where report.reporter == record.actor {
        open.remove(key: report.id.raw)
      }
    case .signedUp, .passwordChanged, .profileChanged, .tokenIssued, .tokenRevoked, .followed,
      .unfollowed, .followRequested, .followRequestWithdrawn, .followAccepted, .followRejected,
      .blocked, .unblocked, .muted, .unmuted, .inboxRead, .inboxItemRead, .requestAnswered,
      .verified, .bookmarked, .unbookmarked, .pinned, .unpinned, .mediaAdded, .tagFollowed,
      .tagUnfollowed, .listMade, .listDropped, .listAdded, .listRemoved:
      break
    }
  }

  /// At most `limit` open reports with identifiers below `before`, newest first, on the first
  /// shard.
  package func page(before: UInt64 = .max, limit: Int) -> [OpenReport] {
    open.page(before: before, limit: limit)
  }

  /// On the first shard.
  package func report(_ id: ReportID) -> OpenReport? {
    page(before: id.raw + 1, limit: 1).first.flatMap { $0.id == id ? $0 : nil }
  }

  /// Entry: id → [reporter, user, post, position, time].
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    open.forEach { report in
      entry.key.uint(report.id.raw)
      entry.value.array(5)
      entry.value.uint(report.reporter.raw)
      entry.value.uint(report.user.raw)
      if let post = report.post { entry.value.uint(post.raw) } else { entry.value.null() }
      entry.value.uint(report.position.raw)
      entry.value.int(report.time.ms)
      entry.emit(to: body)
    }
  }

  /// What an entry means.
  static let shapes = EntryShapes(
    .report,
    .fields([
      "reporter": .user, "user": .user, "post": .optional(.post), "position": .position,
      "time": .time,
    ]))

  mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder
  ) throws(CBORError) {
    let id = ReportID(try key.uint())
    guard placement.isFirst else { return }
    try value.array(of: 5)
    let reporter = UserID(try value.uint())
    let user = UserID(try value.uint())
    var post: PostID?
    if value.isNull { try value.null() } else { post = PostID(try value.uint()) }
    open.insert(
      OpenReport(
        id: id, reporter: reporter, user: user, post: post,
        position: Position(try value.uint()), time: Instant(ms: try value.int())))
  }
}

/// A report that waits for a moderator.
package struct OpenReport: Hashable, Sendable, OrderedElement, PageCandidate {
  package var id: ReportID
  package var reporter: UserID
  package var user: UserID
  /// Nil if it is about the person.
  package var post: PostID?
  /// Of the event: there lies the sealed reason.
  package var position: Position
  package var time: Instant

  package var pageKey: UInt64 { id.raw }
  var orderKey: UInt64 { id.raw }
}
