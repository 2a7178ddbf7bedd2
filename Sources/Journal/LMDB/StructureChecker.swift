/// Checks LMDB files before LMDB maps them: it trusts what it maps, and a page that lies elsewhere
/// than it says would end the process, or give wrong answers without a word.
///
/// Walks the newest commit: every page that a table or the free list refers to. Costs one read per
/// tree page and per long value. What is stored in the entries is `ContentChecker`'s part.
struct StructureChecker {
  private let pages: PageFile
  private let tables: [String]

  init(path: String, what: String, tables: [String]) throws(JournalError) {
    pages = try PageFile(path: path + "/data.mdb", what: what)
    self.tables = tables
  }

  /// The journal and the keys of a data directory that nobody has open.
  static func check(directory: String) throws(JournalError) {
    try journal(directory).check()
    try keys(at: LMDBKeyStore.readablePath(in: directory)).check()
  }

  static func journal(_ directory: String) throws(JournalError) -> StructureChecker {
    try StructureChecker(
      path: directory + "/journal", what: "the journal", tables: LMDBDisk.tableNames)
  }

  static func keys(at path: String) throws(JournalError) -> StructureChecker {
    try StructureChecker(
      path: path, what: "the key store", tables: LMDBKeyStore.tableNames)
  }

  func check() throws(JournalError) {
    let (newest, older) = try MetaPage.pair(pages)
    try check(newest)
    try checkIsNewest(newest, than: older)
  }

  /// Only what must be right before LMDB opens the file; beside a writer, the rest is checked
  /// under a read transaction that holds the pages.
  func checkMetaPages() throws(JournalError) {
    for attempt in 1... {
      do throws(JournalError) {
        _ = try MetaPage.pair(pages)
        return
      } catch {
        // A writer may have been in the middle of it.
        if attempt == 3 { throw error }
      }
    }
  }

  /// The commit of one transaction, which a reader holds.
  func check(transaction: UInt64) throws(JournalError) {
    let (newest, older) = try MetaPage.pair(pages)
    if newest.transaction == transaction {
      try check(newest)
      try checkIsNewest(newest, than: older)
    } else if older.transaction == transaction {
      try check(older)
    }
    // Overtaken twice by a writer, which has checked the file itself.
  }

  private func check(_ meta: MetaPage) throws(JournalError) {
    var walker = try TreeWalker(pages, meta)
    var found: [(name: String, tree: TreeRecord)] = []
    try walker.walk(meta.main, "its list of tables", subtrees: true) {
      key, value throws(JournalError) in
      guard value.count == TreeRecord.bytes else { throw pages.damage("a table is not one") }
      found.append((String(decoding: key, as: UTF8.self), TreeRecord(value)))
    }
    guard found.map(\.name) == tables else {
      throw pages.damage("it does not have the tables \(tables.joined(separator: ", "))")
    }
    for (name, tree) in found {
      guard tree.padding == 0, tree.flags == 0 else {
        throw pages.damage("its table \(name) has unknown flags")
      }
      try walker.walk(tree, "its table \(name)") { key, value throws(JournalError) in
        try checkEntry(of: name, key, value, meta)
      }
    }
    try checkFreeList(meta, &walker)
  }

  private func checkEntry(
    of table: String, _ key: [UInt8], _ value: [UInt8], _ meta: MetaPage
  ) throws(JournalError) {
    // A store that was set back, or whose meta page names another transaction.
    if table == "meta", key == LMDBKeyStore.transactionKey,
      value != bigEndianBytes(meta.transaction)
    {
      throw pages.damage("its newest transaction is not the one that it names")
    }
  }

  private func checkFreeList(
    _ meta: MetaPage, _ walker: inout TreeWalker
  ) throws(JournalError) {
    var lists: [[UInt8]] = []
    try walker.walk(meta.free, "its free list", order: .integers, readsValues: true) {
      key, value throws(JournalError) in
      guard key.count == 8, value.count >= 8, value.count % 8 == 0,
        Page(number: 0, bytes: key).value(0, 8) <= meta.transaction
      else { throw pages.damage("its free list is damaged") }
      lists.append(value)
    }
    var unwritten: UInt64 = 0
    for list in lists {
      let page = Page(number: 0, bytes: list)
      let count = page.value(0, 8)
      guard count <= UInt64(list.count / 8 - 1) else {
        throw pages.damage("its free list is damaged")
      }
      // In descending order.
      var last = UInt64.max
      for index in 0..<Int(count) {
        let number = page.value(8 + 8 * index, 8)
        guard number < last else { throw pages.damage("its free list is out of order") }
        last = number
        if number >= pages.pageCount { unwritten += 1 }
        try walker.claimFree(number)
      }
    }
    let missing = meta.lastPage + 1 > pages.pageCount ? meta.lastPage + 1 - pages.pageCount : 0
    guard unwritten == missing else {
      throw pages.damage("it should be \(missing) pages longer, of which \(unwritten) are free")
    }
  }

  // MARK: Which commit is the newest

  /// One changed byte in a meta page could make LMDB take the older of the two commits. Every
  /// commit of the journal appends events, so the newer one ends later; every commit of the keys
  /// holds its number.
  ///
  /// Pages of the older commit alone mean nothing any more: if they cannot be read, so be it.
  private func checkIsNewest(
    _ newest: MetaPage, than older: MetaPage
  ) throws(JournalError) {
    if tables == LMDBDisk.tableNames {
      let before = (try? end(of: older)) ?? nil
      let now = try end(of: newest)
      guard before == nil || now != nil && before! < now! else {
        throw pages.damage("its newest events are missing: its meta pages are in the wrong order")
      }
    } else if let number = (try? transactionEntry(of: older)) ?? nil,
      number != bigEndianBytes(older.transaction)
    {
      throw pages.damage("its newest keys are missing: its meta pages are in the wrong order")
    }
  }

  private func transactionEntry(of meta: MetaPage) throws(JournalError) -> [UInt8]? {
    var walker = try TreeWalker(pages, meta)
    guard let table = try table("meta", of: meta, &walker) else { return nil }
    var found: [UInt8]?
    try walker.walk(table, "its table meta") { key, value in
      if key == LMDBKeyStore.transactionKey { found = value }
    }
    return found
  }

  private func table(
    _ name: String, of meta: MetaPage, _ walker: inout TreeWalker
  ) throws(JournalError) -> TreeRecord? {
    var found: TreeRecord?
    try walker.walk(meta.main, "its list of tables", subtrees: true) { key, value in
      if key == Array(name.utf8), value.count == TreeRecord.bytes { found = TreeRecord(value) }
    }
    return found
  }

  /// Nil before the tables were made; 0 without events; else where the last block begins.
  private func end(of meta: MetaPage) throws(JournalError) -> UInt64? {
    var walker = try TreeWalker(pages, meta)
    guard let events = try table("events", of: meta, &walker) else { return nil }
    return try walker.lastKey(of: events).map { bigEndianValue($0) ?? 0 } ?? 0
  }
}

extension TreeWalker {
  /// The greatest key of a tree; nil if it is empty.
  func lastKey(of tree: TreeRecord) throws(JournalError) -> [UInt8]? {
    guard tree.root != TreeRecord.noRoot else { return nil }
    var number = tree.root
    for level in 1...max(1, min(tree.depth, 16)) {
      guard number >= 2, number <= lastPage else { throw pages.damage("a page is out of range") }
      let page = try pages.page(number)
      let last = try lastNode(of: page)
      if level == tree.depth { return last.key }
      number = last.child
    }
    throw pages.damage("a tree has no depth")
  }
}
