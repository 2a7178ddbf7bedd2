internal import Glibc

/// An LMDB data file read page by page with plain reads: nothing is mapped, so nothing in it can
/// end the process. The layout is that of LMDB 0.9 (data version 1) on 64-bit little-endian
/// machines.
struct PageFile {
  let file: File
  /// "the journal", "the key store": for findings.
  let what: String
  let pageBytes: Int
  let pageCount: UInt64

  static let magic: UInt64 = 0xBEEF_C0DE
  static let dataVersion: UInt64 = 1

  /// The size of a page comes from the machine: LMDB takes it from there when it creates a file.
  init(path: String, what: String) throws(JournalError) {
    file = try File(path, O_RDONLY)
    self.what = what
    pageBytes = sysconf(Int32(_SC_PAGESIZE))
    pageCount = try file.status().length / UInt64(pageBytes)
  }

  func damage(_ problem: String) -> JournalError { .damaged(Finding(what, problem)) }

  func page(_ number: UInt64) throws(JournalError) -> Page {
    guard number < pageCount else {
      throw damage("page \(number) lies beyond the end of \(file.path), which was cut off")
    }
    let bytes = try file.read(at: number * UInt64(pageBytes), count: pageBytes)
    guard bytes.count == pageBytes else { throw damage("page \(number) cannot be read whole") }
    return Page(number: number, bytes: bytes)
  }

  /// The bytes of a run of overflow pages after its header.
  func overflow(_ number: UInt64, count: Int) throws(JournalError) -> [UInt8] {
    let offset = number * UInt64(pageBytes) + UInt64(Page.headerBytes)
    let bytes = try file.read(at: offset, count: count)
    guard bytes.count == count else { throw damage("page \(number) cannot be read whole") }
    return bytes
  }
}

/// One page, with the fields of its header by name.
struct Page {
  static let headerBytes = 16

  enum Kind: UInt64 {
    case branch = 1
    case leaf = 2
    case overflow = 4
    case meta = 8
  }

  let number: UInt64
  let bytes: [UInt8]

  func value(_ offset: Int, _ width: Int) -> UInt64 {
    var value: UInt64 = 0
    for byte in 0..<width { value |= UInt64(bytes[offset + byte]) << UInt64(8 * byte) }
    return value
  }

  /// Nil for flags that no stored page has.
  var kind: Kind? { Kind(rawValue: value(10, 2)) }
  var storedNumber: UInt64 { value(0, 8) }
  var padding: UInt64 { value(8, 2) }
  var lower: Int { Int(value(12, 2)) }
  var upper: Int { Int(value(14, 2)) }
  /// Of an overflow run.
  var runLength: UInt64 { value(12, 4) }
  var nodeCount: Int { (lower - Self.headerBytes) / 2 }

  func nodeOffset(_ index: Int) -> Int { Int(value(Self.headerBytes + 2 * index, 2)) }
}

/// A tree as its owner describes it: MDB_db.
struct TreeRecord: Equatable {
  static let bytes = 48
  static let noRoot = UInt64.max

  var padding: UInt64
  var flags: UInt64
  var depth: Int
  var branchPages: UInt64
  var leafPages: UInt64
  var overflowPages: UInt64
  var entries: UInt64
  var root: UInt64

  init(_ page: Page, at offset: Int) {
    padding = page.value(offset, 4)
    flags = page.value(offset + 4, 2)
    depth = Int(page.value(offset + 6, 2))
    branchPages = page.value(offset + 8, 8)
    leafPages = page.value(offset + 16, 8)
    overflowPages = page.value(offset + 24, 8)
    entries = page.value(offset + 32, 8)
    root = page.value(offset + 40, 8)
  }

  init(_ bytes: [UInt8]) { self.init(Page(number: 0, bytes: bytes), at: 0) }
}

/// One of the two pages that say where everything is; the one with the greater transaction counts.
struct MetaPage {
  /// Pages that were freed before they were ever written may lie beyond the end of the file.
  static let unwrittenPagesMax: UInt64 = 1 << 20

  var transaction: UInt64
  var lastPage: UInt64
  var free: TreeRecord
  var main: TreeRecord

  init(_ pages: PageFile, _ number: UInt64) throws(JournalError) {
    let page = try pages.page(number)
    guard page.storedNumber == number, page.padding == 0, page.kind == .meta else {
      throw pages.damage("page \(number) is not the meta page that belongs there")
    }
    guard page.value(16, 4) == PageFile.magic, page.value(20, 4) == PageFile.dataVersion else {
      throw pages.damage("meta page \(number) is not of an LMDB file of data version 1")
    }
    free = TreeRecord(page, at: 40)
    main = TreeRecord(page, at: 88)
    lastPage = page.value(136, 8)
    transaction = page.value(144, 8)
    // The free list's padding holds the page size, its flags MDB_INTEGERKEY.
    guard free.padding == UInt64(pages.pageBytes), free.flags == 8, main.padding == 0,
      main.flags == 0
    else { throw pages.damage("meta page \(number) has another page size or other flags") }
  }

  /// Both, the newest first.
  static func pair(_ pages: PageFile) throws(JournalError) -> (newest: MetaPage, older: MetaPage) {
    let first = try MetaPage(pages, 0)
    let second = try MetaPage(pages, 1)
    let isFresh = first.transaction == 0 && second.transaction == 0
    let isPair =
      first.transaction % 2 == 0 && second.transaction % 2 == 1
      && (first.transaction == second.transaction + 1
        || second.transaction == first.transaction + 1)
    guard isFresh || isPair else {
      throw pages.damage(
        "its meta pages name transactions \(first.transaction) and \(second.transaction), which do"
          + " not follow each other")
    }
    let newest = max(first.transaction, second.transaction)
    let lastPage = first.transaction == newest ? first.lastPage : second.lastPage
    guard lastPage < pages.pageCount + unwrittenPagesMax else {
      throw pages.damage("its newest meta page names a last page far beyond the end")
    }
    return first.transaction > second.transaction ? (first, second) : (second, first)
  }
}
