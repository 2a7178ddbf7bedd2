internal import Domain
internal import Journal
internal import Projections

/// [lists, bookmarks, pins, tags, reports]; lists as id, title position, members of each, tags as
/// text and position of each, bookmarks as id and position: all flat.
extension UserExtras {
  private static let fieldCount = 5

  static var shape: EntryShape {
    .fields([
      "lists": .groups(["id": .list, "title": .position, "members": .each(.user)]),
      "bookmarks": .groups(["post": .post, "position": .position]), "pins": .each(.post),
      "tags": .groups(["tag": .tag, "position": .position]), "reports": .each(.report),
    ])
  }

  func encode(into encoder: inout CBOREncoder) {
    encoder.array(Self.fieldCount)
    encoder.array(3 * lists.count)
    for entry in lists.entries {
      encoder.id(entry.key)
      encoder.position(entry.value.titlePosition)
      encoder.array(entry.value.members.count)
      for member in entry.value.members { encoder.id(member) }
    }
    encoder.marks(bookmarks, width: 2) { _, _ in }
    encoder.array(pins.count)
    for pin in pins { encoder.id(pin) }
    encoder.array(2 * tags.count)
    for followed in tags {
      encoder.text(followed.tag.text)
      encoder.position(followed.position)
    }
    encoder.array(reports.count)
    reports.forEach { encoder.id($0) }
  }

  init(from decoder: inout CBORDecoder) throws(CBORError) {
    self.init()
    try decoder.array(of: Self.fieldCount)
    let listItems = try decoder.array()
    guard listItems.isMultiple(of: 3) else { throw .invalidValue }
    for _ in 0..<(listItems / 3) {
      let id: ListID = try decoder.id()
      var list = PeopleList(titlePosition: try decoder.position())
      list.members = ContiguousArray(try decoder.uints().map { UserID($0) })
      lists[id] = list
    }
    bookmarks = try decoder.marks(width: 2) { _ throws(CBORError) in NoPayload() }
    pins = ContiguousArray(try decoder.uints().map { PostID($0) })
    let tagItems = try decoder.array()
    guard tagItems.isMultiple(of: 2) else { throw .invalidValue }
    for _ in 0..<(tagItems / 2) {
      let tag = Tag(folded: try decoder.text())
      tags.append(FollowedTag(tag: tag, position: try decoder.position()))
    }
    for report in try decoder.uints() { reports.insert(ReportID(report)) }
  }
}
