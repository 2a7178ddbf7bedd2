/// Of people alone, so that it is compiled for them here: a generic function of another module
/// would be called through tables.
extension [UserID] {
  /// The first index of an ascending array whose identifier is not below `user`. O(log n).
  package func lowerBound(of user: UserID) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].raw < user.raw { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The same index if that is where `user` is; nil if they are not in the ascending array.
  package func sortedIndex(of user: UserID) -> Int? {
    let index = lowerBound(of: user)
    return index < count && self[index].raw == user.raw ? index : nil
  }
}
