/// Of `count` indices the number of leading ones for which `isBefore` holds; it holds for none
/// behind one for which it does not. O(log count).
@inline(__always)
func leadingCount(of count: Int, where isBefore: (Int) -> Bool) -> Int {
  var low = 0
  var high = count
  while low < high {
    let middle = (low + high) / 2
    if isBefore(middle) { low = middle + 1 } else { high = middle }
  }
  return low
}
