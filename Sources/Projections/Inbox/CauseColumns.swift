internal import Domain

/// Causes in the order of their positions, as entries hold them.
struct CauseColumns {
  var people: [PersonIndex]
  var positions: [UInt64]
  /// Which of them are withdrawn: ascending numbers of causes, from 0.
  var withdrawn: [UInt32]

  var first: InboxCause? {
    guard let person = people.first, let position = positions.first,
      person.raw < CauseList.activeBit
    else { return nil }
    return InboxCause(position: position, person: person, isActive: withdrawn.first != 0)
  }

  /// Where the newest cause is that is not withdrawn.
  var newestActive: UInt64? {
    var index = people.count - 1
    for gone in withdrawn.reversed() where Int(gone) == index { index -= 1 }
    return index >= 0 ? positions[index] : nil
  }
}
