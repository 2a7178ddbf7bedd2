import Domain
import Glibc
import Journal
import Testing

/// Changes bytes of a file in place.
private struct Tamperer {
  let descriptor: Int32
  let bytes: [UInt8]

  init(_ path: String) throws {
    descriptor = unsafe open(path, O_RDWR)
    try #require(descriptor >= 0)
    var status = stat()
    unsafe fstat(descriptor, &status)
    let count = Int(status.st_size)
    let file = descriptor
    bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = unsafe pread(file, buffer.baseAddress!, count, 0)
    }
    try #require(bytes.count == count)
  }

  func write(_ byte: UInt8, at offset: Int) {
    var byte = byte
    unsafe pwrite(descriptor, &byte, 1, off_t(offset))
  }
}

/// Everything that can be read from a journal.
private struct Content: Equatable {
  var records: [Record] = []
  var secrets: [SecretReading] = []
  var requests: [StoredRequest?] = []

  init(_ journal: Journal) throws {
    records = try readAll(journal.cursor(after: .zero))
    for record in records { secrets.append(try journal.secret(at: record.position)) }
    for number in 0..<8 {
      requests.append(try journal.request(of: alice, key: requestKey(number)))
    }
  }
}

private func requestKey(_ number: Int) -> [UInt8] { Array("request \(number)".utf8) }

/// Small, and with everything that a data file can hold: short and long values, freed pages,
/// requests, keys, an erased person.
private func makeJournal(in directory: TemporaryDirectory) throws -> Content {
  let journal = try openJournal(directory)
  for number in 0..<8 {
    let tag = RequestTag(
      key: requestKey(number), argumentsDigest: blake2b256([UInt8(number)]),
      outcome: .id(UInt64(number + 1)))
    _ = try journal.enqueue(.post(UInt64(number + 1), text: "post \(number)", request: tag))
    _ = try journal.enqueue(.follow(bob, by: UserID(200 + UInt64(number))))
    _ = try journal.commitQueued()
  }
  _ = try journal.enqueue(.post(50, by: bob, text: String(repeating: "long ", count: 1_100)))
  _ = try journal.enqueue(.post(51, by: UserID(103), text: "erased soon"))
  _ = try journal.commitQueued()
  try journal.destroyKey(of: UserID(103))
  _ = try journal.enqueue(.follow(bob, sequence: 9))
  _ = try journal.commitQueued()
  let content = try Content(journal)
  journal.drainAndStop()
  return content
}

/// What `verify` says, and what opening says; the content where both are content.
private func judge(_ directory: TemporaryDirectory) throws -> (
  verify: [Finding], open: String?, Content?
) {
  let findings = try JournalVerifier.verify(directory: directory.path)
  do {
    let journal = try openJournal(directory)
    defer { journal.drainAndStop() }
    return (findings, nil, try Content(journal))
  } catch {
    return (findings, "\(error)", nil)
  }
}

/// Every byte, with `ROOST_FULL=1`; a sample of them otherwise.
private let isFull = unsafe getenv("ROOST_FULL") != nil

private func offsets(of bytes: [UInt8]) -> [Int] {
  // The parts of the meta pages that mean something, and a sample of the rest.
  let meta = Array(0..<160) + Array(4_096..<4_256)
  return isFull ? Array(bytes.indices) : meta + Array(stride(from: 0, to: bytes.count, by: 307))
}

@Test(arguments: ["journal", "keys"])
func `a flipped byte is named and refused in the same words, or means nothing`(
  part: String
) throws {
  let directory = TemporaryDirectory()
  let expected = try makeJournal(in: directory)
  let file = try Tamperer(directory.path + "/\(part)/data.mdb")
  defer { close(file.descriptor) }
  var found = 0
  for offset in offsets(of: file.bytes) {
    let flips: [UInt8] =
      offset % 4_096 < 160 && offset < 8_192
      ? isFull ? [1, 2, 4, 8, 16, 32, 64, 128, 255] : [2, 128]
      : [
        1 << UInt8(offset % 8)
      ]
    for flip in flips {
      file.write(file.bytes[offset] ^ flip, at: offset)
      let (findings, refusal, content) = try judge(directory)
      let place = "byte \(offset) of \(part) changed by \(flip)"
      if let finding = findings.first {
        found += 1
        #expect(refusal == finding.description, "\(place)")
      } else {
        #expect(refusal == nil, "\(place)")
        #expect(content == expected, "\(place)")
      }
    }
    file.write(file.bytes[offset], at: offset)
  }
  #expect(found > 200)
  #expect(try judge(directory).verify == [])
}

@Test(arguments: ["journal", "keys"])
func `a file that was cut off anywhere is refused`(part: String) throws {
  let directory = TemporaryDirectory()
  _ = try makeJournal(in: directory)
  let path = directory.path + "/\(part)/data.mdb"
  let file = try Tamperer(path)
  defer { close(file.descriptor) }
  for pages in stride(from: file.bytes.count / 4_096 - 1, through: 0, by: -1) {
    #expect(unsafe truncate(path, off_t(pages * 4_096 + (pages > 0 ? 17 : 0))) == 0)
    // The last pages of a file may be free ones; then nothing is missing.
    let (findings, refusal, _) = try judge(directory)
    #expect(refusal == findings.first?.description)
    if pages < 8 { #expect(!findings.isEmpty) }
  }
}

@Test func `a newest commit set back to the one before is noticed`() throws {
  let directory = TemporaryDirectory()
  _ = try makeJournal(in: directory)
  let file = try Tamperer(directory.path + "/journal/data.mdb")
  defer { close(file.descriptor) }
  // The transaction numbers of the meta pages, at 144 of each; swap which is greater.
  let numbers = [144, 4_096 + 144].map { file.bytes[$0] }
  let older = numbers[0] < numbers[1] ? 0 : 1
  file.write(numbers[older] + 2, at: older * 4_096 + 144)
  let (findings, refusal, _) = try judge(directory)
  #expect(findings.first?.problem.contains("newest events are missing") == true)
  #expect(refusal == findings.first?.description)
}
