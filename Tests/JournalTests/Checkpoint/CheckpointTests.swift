import Domain
import Testing

@testable import Journal

private func key(_ seed: UInt64 = 1, name: String? = "example.org/town") -> SigningKey {
  SigningKey(name: name, random: SeededRandom(seed: seed))
}

private let root = blake2b256([1])

private func checkpoint(
  size: UInt64 = 17, root: TreeHash? = TreeHash(root), key: SigningKey = key()
) throws -> Checkpoint {
  Checkpoint(
    size: Position(size), root: try #require(root), time: Instant(ms: 1_700_000_000_000), key: key)
}

/// From the documentation of Go's golang.org/x/mod/sumdb/note.
@Test func `keys and signatures are those of signed notes`() throws {
  let secret =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
  let key = try #require(SigningKey(secret))
  #expect(key.text == secret)
  let open = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
  #expect(key.verifier.description == open)
  #expect(VerifierKey(open) == key.verifier)
  let text =
    "If you think cryptography is the answer to your problem,\n"
    + "then you don't know what your problem is.\n"
  #expect(
    Base64.encode(key.verifier.id + key.sign(Array(text.utf8)))
      == "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ"
      + "SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=")
}

@Test func `a checkpoint is read as it was written and says who signed it`() throws {
  let written = try checkpoint()
  let lines = written.text.split(separator: "\n", omittingEmptySubsequences: false)
  #expect(lines.count == 7)
  #expect(lines[0] == "example.org/town" && lines[1] == "17" && lines[3] == "time 1700000000000")
  #expect(lines[5].hasPrefix("— example.org/town ") && lines[6] == "")
  let read = try #require(Checkpoint(written.text))
  #expect(read == written)
  #expect(read.isSigned(by: key().verifier))
  #expect(!read.isSigned(by: key(2).verifier))
  #expect(!read.isSigned(by: key(name: "example.org/other").verifier))
}

@Test func `a changed bit of a checkpoint breaks its signature or its form`() throws {
  let verifier = key().verifier
  let text = Array(try checkpoint().text.utf8)
  for index in text.indices {
    for bit in 0..<8 {
      var changed = text
      changed[index] ^= 1 << UInt8(bit)
      let read = String(validating: changed, as: UTF8.self).flatMap { Checkpoint($0) }
      #expect(read?.isSigned(by: verifier) != true, "bit \(bit) of byte \(index)")
    }
  }
}

@Test func `a carriage return is part of its line and joins no two`() throws {
  let text = try checkpoint().text
  let signed = text + "\u{2014} other AAAA\r\n"
  let read = try #require(Checkpoint(signed))
  #expect(read.text.utf8.elementsEqual(signed.utf8))
  #expect(read.isSigned(by: key().verifier))
  #expect(Checkpoint(text.replacing("\n", with: "\r\n")) == nil)
}

@Test func `others may sign too, and say more`() throws {
  let written = try checkpoint()
  let witnessed = written.text + "— witness.example AAAA\n"
  #expect(try #require(Checkpoint(witnessed)).isSigned(by: key().verifier))
  let parts = written.text.split(separator: "\n\n").map(String.init)
  let told = try #require(Checkpoint(parts[0] + "\nmore\n\n" + parts[1]))
  #expect(!told.isSigned(by: key().verifier), "what was added was not signed")
}

@Test func `a checkpoint has a length up to which it is read`() throws {
  let text = try checkpoint().text
  let start = "— w "
  let room = Checkpoint.bytesMax - text.utf8.count - start.utf8.count - 1
  func padded(_ count: Int) -> String {
    text + start + String(repeating: "A", count: count) + "\n"
  }
  #expect(Checkpoint(padded(room)) != nil)
  #expect(Checkpoint(padded(room + 1)) == nil)
}

@Test func `a key's name is printable, without blanks and plus signs, and not too long`() {
  let longest = String(repeating: "n", count: VerifierKey.nameBytesMax)
  for name in ["a", "example.org/town", longest] { #expect(VerifierKey.isName(name)) }
  for name in ["", "a b", "a+b", "a\n", "ä", longest + "n"] { #expect(!VerifierKey.isName(name)) }
  #expect(VerifierKey.isName(key(name: nil).verifier.name))
}

@Test(arguments: [
  "", "x", "example.org+c74f20a3",
  "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  "PeterNeumann+c74f20a3+AVpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10Q=",
])
func `what is no key is not taken for one`(text: String) {
  #expect(VerifierKey(text) == nil)
  #expect(SigningKey("PRIVATE+KEY+" + text) == nil)
}

@Test
func `the signing key is made once, for its owner alone, and checkpoints are not overwritten`()
  throws
{
  let directory = TemporaryDirectory()
  let path = directory.path + "/signing.key"
  #expect(try CheckpointFiles.signingKey(path) == nil)
  let random = SeededRandom(seed: 3)
  let made = try CheckpointFiles.signingKey(path, orNewWithName: "a/b", random: random)
  #expect(fileMode(path) == 0o600)
  let again = try CheckpointFiles.signingKey(path, orNewWithName: "other", random: random)
  #expect(again.verifier == made.verifier)
  let file = directory.path + "/first"
  try CheckpointFiles.write(try checkpoint(), to: file)
  #expect(throws: JournalError.self) {
    try CheckpointFiles.write(try checkpoint(size: 18), to: file)
  }
  #expect(try CheckpointFiles.checkpoint(file) == (try checkpoint()))
  try writeFile(path, Array("nonsense\n".utf8))
  #expect(throws: JournalError.self) { try CheckpointFiles.signingKey(path) }
  #expect(throws: JournalError.self) { try CheckpointFiles.checkpoint(path) }
}

@Test func `what a full disk left of a signing key is no key and in nobody's way`() throws {
  let directory = TemporaryDirectory()
  let path = directory.path + "/signing.key"
  try writeFile(path + ".writing", [])
  #expect(try CheckpointFiles.signingKey(path) == nil)
  _ = try CheckpointFiles.signingKey(path, orNewWithName: "a/b", random: SeededRandom(seed: 3))
  #expect(try CheckpointFiles.signingKey(path)?.verifier.name == "a/b")
  #expect(!fileExists(path + ".writing"))
}

// MARK: A journal against a checkpoint

@Test func `verify tells a journal that extends a checkpoint from others`() throws {
  let memory = try MemoryJournal()
  let reader = JournalReader(disk: memory.disk, keys: memory.keys)
  func go(on count: Int) throws {
    for _ in 0..<count { _ = try memory.journal.enqueue(.follow(bob)) }
    _ = try memory.journal.commitQueued()
  }
  func findings(_ checkpoint: Checkpoint) throws -> [String] {
    try JournalVerifier(reader).verify(extending: checkpoint).map(\.description)
  }
  let nothing = try checkpoint(size: 0, root: reader.tree().root(at: .zero))
  #expect(try findings(nothing) == [])
  try go(on: 30)
  let early = try checkpoint(size: 30, root: reader.tree().root(at: Position(30)))
  try go(on: 12)
  let late = try checkpoint(size: 42, root: reader.tree().root(at: Position(42)))
  for right in [nothing, early, late] { #expect(try findings(right) == []) }
  let future = try checkpoint(size: 43)
  #expect(
    try findings(future) == [
      "the journal is damaged at position 43: it ends before that, but the checkpoint has 43 events"
    ])
  let other = try findings(checkpoint(size: 30, root: late.root))
  #expect(other.count == 1)
  #expect(other.first?.contains("its first 30 events are not those of the checkpoint") == true)
}
