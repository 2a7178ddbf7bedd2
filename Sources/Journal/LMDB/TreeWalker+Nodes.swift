extension TreeWalker {
  /// One entry of a page.
  struct Node {
    var offset: Int
    var key: [UInt8]
    /// Of a leaf: of its value.
    var valueBytes: Int
    var flags: UInt64
    /// Of a branch.
    var child: UInt64
  }

  static let nodeHeaderBytes = 8

  /// The entries of a page of a tree, whose outline is sound.
  func nodes(of page: Page, _ walk: Walk) throws(JournalError) -> [Node] {
    let wrong = "the outline of page \(page.number) of \(walk.name) is damaged"
    guard page.lower >= Page.headerBytes, page.lower % 2 == 0, page.lower <= page.upper,
      page.upper <= pages.pageBytes, page.nodeCount > 0
    else { throw pages.damage(wrong) }
    let isLeaf = page.kind == .leaf
    var nodes: [Node] = []
    nodes.reserveCapacity(page.nodeCount)
    var occupied = 0
    for index in 0..<page.nodeCount {
      let offset = page.nodeOffset(index)
      guard offset >= page.upper, offset % 2 == 0,
        offset + Self.nodeHeaderBytes <= pages.pageBytes
      else { throw pages.damage(wrong) }
      let low = page.value(offset, 4)
      let flags = page.value(offset + 4, 2)
      let keyBytes = Int(page.value(offset + 6, 2))
      let start = offset + Self.nodeHeaderBytes
      // Big values (flag 1) are on overflow pages: the node holds their first page's number.
      let isBig = flags & 1 != 0
      let inside = isLeaf ? (isBig ? 8 : Int(low)) : 0
      guard start + keyBytes + inside <= pages.pageBytes else { throw pages.damage(wrong) }
      occupied += (Self.nodeHeaderBytes + keyBytes + inside + 1) & ~1
      nodes.append(
        Node(
          offset: offset, key: Array(page.bytes[start..<(start + keyBytes)]),
          valueBytes: Int(low), flags: flags, child: low | flags << 32))
    }
    // Nodes lie without gaps between them at the end of the page.
    guard occupied == pages.pageBytes - page.upper,
      Set(nodes.map(\.offset)).count == nodes.count
    else { throw pages.damage(wrong) }
    return nodes
  }

  func lastNode(of page: Page) throws(JournalError) -> (key: [UInt8], child: UInt64) {
    let walk = Walk(
      name: "a table", order: .bytes, readsValues: false, subtrees: false, depth: 0)
    guard page.kind == .leaf || page.kind == .branch, let last = try nodes(of: page, walk).last
    else { throw pages.damage("page \(page.number) is not of a tree") }
    return (last.key, last.child)
  }
}
