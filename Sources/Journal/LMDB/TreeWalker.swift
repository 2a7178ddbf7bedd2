/// Walks the trees of one meta page and checks everything that LMDB would trust.
struct TreeWalker {
  typealias Visit = (_ key: [UInt8], _ value: [UInt8]) throws(JournalError) -> Void

  /// How keys are compared.
  enum Order {
    case bytes
    /// Native 64-bit integers: the free list.
    case integers
  }

  private struct Counts {
    var branchPages: UInt64 = 0
    var leafPages: UInt64 = 0
    var overflowPages: UInt64 = 0
    var entries: UInt64 = 0
  }

  let pages: PageFile
  let lastPage: UInt64
  /// Pages that a tree uses; a second use is damage.
  private(set) var used: PageSet

  init(_ pages: PageFile, _ meta: MetaPage) throws(JournalError) {
    guard meta.lastPage < 1 << 48 else { throw pages.damage("its last page is out of range") }
    self.pages = pages
    lastPage = meta.lastPage
    used = PageSet(count: Int(min(meta.lastPage, pages.pageCount)) + 1)
  }

  /// Checks one tree. `readsValues` says whether `visit` needs values from overflow pages; without
  /// it they come empty. `subtrees` says that values describe trees: those of named tables.
  mutating func walk(
    _ tree: TreeRecord, _ name: String, order: Order = .bytes, readsValues: Bool = false,
    subtrees: Bool = false, _ visit: Visit
  ) throws(JournalError) {
    var counts = Counts()
    if tree.root == TreeRecord.noRoot {
      guard tree.depth == 0 else { throw pages.damage("\(name) is empty and has a depth") }
    } else {
      guard (1...16).contains(tree.depth) else {
        throw pages.damage("\(name) has a depth of \(tree.depth)")
      }
      var walk = Walk(
        name: name, order: order, readsValues: readsValues, subtrees: subtrees, depth: tree.depth)
      try descend(tree.root, level: 1, below: nil, &walk, &counts, visit)
    }
    guard counts.branchPages == tree.branchPages, counts.leafPages == tree.leafPages,
      counts.overflowPages == tree.overflowPages, counts.entries == tree.entries
    else { throw pages.damage("\(name) does not have as many pages and entries as it says") }
  }

  struct Walk {
    let name: String
    let order: Order
    let readsValues: Bool
    let subtrees: Bool
    let depth: Int
    /// The newest key seen: the next one is greater.
    var last: [UInt8]?
    /// The separator on the way here: no key may be smaller.
    var lowest: [UInt8]?
  }

  private mutating func descend(
    _ number: UInt64, level: Int, below limit: [UInt8]?, _ walk: inout Walk,
    _ counts: inout Counts, _ visit: Visit
  ) throws(JournalError) {
    let page = try claim(number, in: walk.name)
    guard page.kind == (level == walk.depth ? .leaf : .branch) else {
      throw pages.damage("page \(number) of \(walk.name) is not of the kind that belongs there")
    }
    let nodes = try self.nodes(of: page, walk)
    if level == walk.depth {
      counts.leafPages += 1
      for node in nodes {
        counts.entries += 1
        try check(node.key, limit, &walk, page)
        try leaf(node, page, walk, &counts, visit)
      }
      return
    }
    counts.branchPages += 1
    guard nodes.count >= 2 else { throw pages.damage("page \(number) branches only once") }
    for (index, node) in nodes.enumerated() {
      // The first key of a branch is never compared, and may be absent.
      if index > 0 { walk.lowest = node.key }
      let next = index + 1 < nodes.count ? nodes[index + 1].key : limit
      try descend(node.child, level: level + 1, below: next, &walk, &counts, visit)
    }
  }

  private func check(
    _ key: [UInt8], _ limit: [UInt8]?, _ walk: inout Walk, _ page: Page
  ) throws(JournalError) {
    let isOrdered =
      walk.last.map { precedes($0, key, walk.order) } ?? true
      && walk.lowest.map { !precedes(key, $0, walk.order) } ?? true
      && limit.map { precedes(key, $0, walk.order) } ?? true
    guard isOrdered else {
      throw pages.damage("the keys on page \(page.number) of \(walk.name) are out of order")
    }
    walk.last = key
  }

  private func precedes(_ left: [UInt8], _ right: [UInt8], _ order: Order) -> Bool {
    switch order {
    case .bytes: left.lexicographicallyPrecedes(right)
    case .integers: left.reversed().lexicographicallyPrecedes(right.reversed())
    }
  }

  private mutating func leaf(
    _ node: Node, _ page: Page, _ walk: Walk, _ counts: inout Counts, _ visit: Visit
  ) throws(JournalError) {
    let start = node.offset + Self.nodeHeaderBytes + node.key.count
    switch (node.flags, walk.subtrees) {
    case (0, false), (2, true):
      try visit(node.key, Array(page.bytes[start..<(start + node.valueBytes)]))
    case (1, false):
      let first = page.value(start, 8)
      let run = UInt64((Page.headerBytes - 1 + node.valueBytes) / pages.pageBytes + 1)
      let head = try claim(first, in: walk.name)
      guard head.kind == .overflow, head.runLength == run else {
        throw pages.damage("the long value at page \(first) of \(walk.name) is damaged")
      }
      for number in (first + 1)..<(first + run) { try claimNumber(number, in: walk.name) }
      counts.overflowPages += run
      let value = walk.readsValues ? try pages.overflow(first, count: node.valueBytes) : []
      try visit(node.key, value)
    default:
      throw pages.damage("an entry on page \(page.number) of \(walk.name) has unknown flags")
    }
  }

  /// Reads a page that a tree refers to: in range, not referred to before, what it says it is.
  private mutating func claim(_ number: UInt64, in name: String) throws(JournalError) -> Page {
    try claimNumber(number, in: name)
    let page = try pages.page(number)
    guard page.storedNumber == number, page.padding == 0 else {
      throw pages.damage("page \(number) of \(name) is not what its header says")
    }
    return page
  }

  private mutating func claimNumber(_ number: UInt64, in name: String) throws(JournalError) {
    guard number >= 2, number <= lastPage else {
      throw pages.damage("\(name) refers to page \(number), which is out of range")
    }
    guard number < pages.pageCount else {
      throw pages.damage(
        "page \(number) of \(name) lies beyond the end of \(pages.file.path), which was cut off")
    }
    guard used.insert(number) else {
      throw pages.damage("page \(number) of \(name) is used twice")
    }
  }

  /// Marks a free page; damage if it is in use or listed before.
  mutating func claimFree(_ number: UInt64) throws(JournalError) {
    guard number >= 2, number <= lastPage else {
      throw pages.damage("its free list names page \(number), which is out of range")
    }
    // A page that was freed before it was written may lie beyond the end.
    guard number < pages.pageCount else { return }
    guard used.insert(number) else {
      throw pages.damage("page \(number) is free and in use")
    }
  }
}
