import Domain
import Engine
import Entities
import Projections
import Wire

let exportCommands: [CommandSpec] = [
  CommandSpec(
    "EXPORT", [.text("cursor").after("AFTER")],
    """
    Everything about the caller as JSON, in parts: account, events, cursor and end; AFTER a part's \
    cursor comes the next one.
    """,
    access: .read, rate: .read, errors: [.noAuth], handler: export)
]

private func export(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let user = try invocation.caller.user
  let now = service.shard(of: .user(user)).fold.folded
  let request = try PageRequest(arguments, of: .export(user), now: now)
  var part = ExportPart(service: service, user: user, asOf: request.asOf)
  let next = try await part.fill(from: try ExportPlace(pageKey: request.before))
  let cursor = next.map { Cursor(key: $0.pageKey, asOf: request.asOf).text(for: .export(user)) }
  return Response(.text(part.text(cursor: cursor)), after: part.position)
}

/// Where a part of an export begins.
struct ExportPlace: Equatable {
  /// In the order of the export. Never renumber: cursors stay valid.
  enum Section: UInt64, CaseIterable {
    case profile = 0
    case following = 1
    case followers = 2
    case requested = 3
    case requests = 4
    case blocks = 5
    case mutes = 6
    case media = 7
    case chats = 8
    case lists = 9
    case bookmarks = 10
    case pins = 11
    case hashtags = 12
    /// What the person did.
    case events = 255
  }

  private static let keyBits: UInt64 = 56
  /// Before everything in a list.
  static let start = (UInt64(1) << keyBits) - 1

  var section: Section
  /// In lists, items lie below this key; of the events, after this position.
  var key: UInt64

  init(_ section: Section) {
    self.section = section
    key = section == .events ? 0 : Self.start
  }

  /// Throws INVALID for a key that no part ended with.
  init(pageKey: UInt64) throws(Rejection) {
    self.init(.profile)
    if pageKey == .max { return }
    guard let section = Section(rawValue: pageKey >> Self.keyBits) else {
      throw Rejection(.invalid, "this cursor does not belong to this list")
    }
    self.section = section
    key = pageKey & Self.start
  }

  var pageKey: UInt64 { section.rawValue << Self.keyBits | key }

  /// The beginning of the next section. The events have none.
  var next: ExportPlace {
    let all = Section.allCases
    let index = all.firstIndex(of: section).map { $0 + 1 } ?? all.count
    return ExportPlace(index < all.count ? all[index] : .events)
  }
}
