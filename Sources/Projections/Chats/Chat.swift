internal import Domain

/// A chat as its members' lists see it.
struct Chat: Sendable {
  /// A time in which a person took part.
  struct Stay: Sendable {
    let joined: UInt64
    /// 0 while they take part.
    var left: UInt64 = 0

    func covers(_ position: UInt64) -> Bool {
      joined <= position && (left == 0 || position < left)
    }
  }

  struct Member: Sendable {
    let person: PersonIndex
    /// The newest message read; 0 if none.
    var mark: UInt64 = 0
    /// The present stay, or else the last one.
    var stay: Stay
    /// Before that, oldest first; almost always none.
    var earlier: [Stay] = []
    /// Where in the messages those are that the person said, ascending; derived.
    fileprivate(set) var said: [UInt32] = []

    var takesPart: Bool { stay.left == 0 }

    func stay(at position: UInt64) -> Stay? {
      stay.covers(position) ? stay : earlier.last { $0.covers(position) }
    }
  }

  struct Message: Sendable {
    let id: UInt64
    let position: UInt64
    let author: PersonIndex
  }

  /// Who take part, by row.
  private(set) var members: [Member] = []
  /// Who took part once, by row.
  private(set) var formers: [Member] = []
  /// Ids and positions ascend.
  private(set) var messages: [Message] = []

  func member(_ person: PersonIndex) -> Member? {
    Self.find(person, in: members) ?? Self.find(person, in: formers)
  }

  /// By what the chat stands in the person's list: where something was last said to them, or where
  /// they joined. Nil if they take no part.
  func orderKey(of person: PersonIndex) -> UInt64? {
    guard let stay = Self.find(person, in: members)?.stay else { return nil }
    return max(messages.last?.position ?? 0, stay.joined)
  }

  /// The same when the journal had reached `position`.
  func orderKey(of person: PersonIndex, asOf position: UInt64) -> UInt64? {
    guard let stay = member(person)?.stay(at: position) else { return nil }
    let count = count { $0.position <= position }
    return max(count > 0 ? messages[count - 1].position : 0, stay.joined)
  }

  /// Messages of others that were said while the person took part, above their mark. O(log n).
  func unread(of person: PersonIndex) -> Int {
    guard let member = member(person) else { return 0 }
    let read = count { $0.id <= member.mark }
    var unread = visibleCount(in: member.stay, from: read)
    for stay in member.earlier { unread += visibleCount(in: stay, from: read) }
    // What somebody said, they said while they took part: it is all among these.
    let said = member.said
    return unread - (said.count - leadingCount(of: said.count) { said[$0] < read })
  }

  /// How many messages from an index on were said in a stay.
  private func visibleCount(in stay: Stay, from index: Int) -> Int {
    let start = count { $0.position <= stay.joined }
    let end = stay.left == 0 ? messages.count : count { $0.position <= stay.left }
    return max(0, end - max(start, index))
  }

  // MARK: Folding

  mutating func join(_ person: PersonIndex, at position: UInt64) {
    if Self.find(person, in: members) != nil { return }
    var member = Member(person: person, stay: Stay(joined: position))
    let index = Self.index(of: person, in: formers)
    if index < formers.count, formers[index].person == person {
      member = formers.remove(at: index)
      member.earlier.append(member.stay)
      member.stay = Stay(joined: position)
    }
    members.insert(member, at: Self.index(of: person, in: members))
  }

  /// False if the person took no part.
  mutating func leave(_ person: PersonIndex, at position: UInt64) -> Bool {
    let index = Self.index(of: person, in: members)
    guard index < members.count, members[index].person == person else { return false }
    var former = members.remove(at: index)
    former.stay.left = position
    formers.insert(former, at: Self.index(of: person, in: formers))
    return true
  }

  /// Also restores.
  mutating func say(_ message: Message) {
    let index = UInt32(messages.count)
    messages.append(message)
    change(message.author) { $0.said.append(index) }
  }

  mutating func read(_ person: PersonIndex, through mark: UInt64) {
    change(person) { $0.mark = max($0.mark, mark) }
  }

  mutating func restore(_ member: Member) {
    if member.takesPart { members.append(member) } else { formers.append(member) }
  }

  private mutating func change(_ person: PersonIndex, _ body: (inout Member) -> Void) {
    let index = Self.index(of: person, in: members)
    if index < members.count, members[index].person == person { return body(&members[index]) }
    let former = Self.index(of: person, in: formers)
    if former < formers.count, formers[former].person == person { body(&formers[former]) }
  }

  // MARK: Searching

  private static func find(_ person: PersonIndex, in list: [Member]) -> Member? {
    let index = index(of: person, in: list)
    return index < list.count && list[index].person == person ? list[index] : nil
  }

  /// Where the person is, or would be.
  private static func index(of person: PersonIndex, in list: [Member]) -> Int {
    leadingCount(of: list.count) { list[$0].person < person }
  }

  /// The number of leading messages for which `isBefore` holds.
  private func count(where isBefore: (Message) -> Bool) -> Int {
    leadingCount(of: messages.count) { isBefore(messages[$0]) }
  }
}
