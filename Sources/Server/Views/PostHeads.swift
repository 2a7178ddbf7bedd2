import Domain
import Synchronization
import Wire

/// What posts' replies begin with, as far as it seldom changes: written already, in every dialect
/// that was asked for. So a page of what many read is copied, not made: neither unsealed nor
/// written anew.
///
/// Two generations: what is asked for goes into the young one; when that is full it becomes the old
/// one and the old one is dropped. So it holds at most twice `generationBytesMax`, and what is
/// read often stays. When a key is destroyed it is emptied, and what was being written at that
/// moment does not get in.
final class PostHeads: Sendable {
  /// Of all shards together.
  static let generationBytesMax = 32 << 20
  /// What an entry takes beside its bytes, about.
  private static let entryBytes = 320

  /// What a head was made from. With the same, it is the same.
  struct Stamp: Sendable {
    let facts: PostFacts
    let status: PostStatus
    let publishedAt: Instant
    let editedAt: Instant?
    let expires: Instant?
    let textPosition: Position
    /// How many of those who are mentioned are named no more.
    let erasedMentions: Int

    init(_ post: PostReading, erasedMentions: Int) {
      facts = post.facts
      status = post.status
      publishedAt = post.publishedAt
      editedAt = post.editedAt
      expires = post.expires
      textPosition = post.textPosition
      self.erasedMentions = erasedMentions
    }

    /// Whether the same would be made of what a post tells now.
    func fits(_ post: borrowing PostReading, erasedMentions: Int) -> Bool {
      textPosition == post.textPosition && status == post.status
        && publishedAt == post.publishedAt && editedAt == post.editedAt
        && expires == post.expires && self.erasedMentions == erasedMentions && facts == post.facts
    }
  }

  /// Tells whether a key was destroyed since.
  struct Epoch: Equatable {
    fileprivate let number: UInt64
  }

  private final class Head: Sendable {
    let stamp: Stamp
    let bytes: [UInt8]

    init(stamp: Stamp, bytes: [UInt8]) {
      self.stamp = stamp
      self.bytes = bytes
    }
  }

  private struct Key: Hashable {
    let post: PostID
    let dialect: ReplyDialect
  }

  private struct State {
    var young: [Key: Head] = [:]
    var old: [Key: Head] = [:]
    var youngBytes = 0
    var epoch: UInt64 = 0
  }

  private let bytesMax: Int
  private let state = Mutex(State())

  init(bytesMax: Int = generationBytesMax) { self.bytesMax = bytesMax }

  var epoch: Epoch { state.withLock { Epoch(number: $0.epoch) } }

  /// What it takes, about.
  var bytes: Int {
    state.withLock { state in
      [state.young, state.old].joined().reduce(0) { $0 + $1.value.bytes.count + Self.entryBytes }
    }
  }

  /// Nil where there is none, or none that fits.
  func bytes(
    of post: borrowing PostReading, in dialect: ReplyDialect, erasedMentions: Int
  ) -> [UInt8]? {
    let key = Key(post: post.id, dialect: dialect)
    let head = state.withLock { state -> Head? in
      if let head = state.young[key] { return head }
      guard let head = state.old.removeValue(forKey: key) else { return nil }
      add(head, key, to: &state)
      return head
    }
    guard let head, head.stamp.fits(post, erasedMentions: erasedMentions) else { return nil }
    return head.bytes
  }

  /// `epoch` is what was asked for before anything was unsealed.
  func add(
    _ bytes: [UInt8], of post: PostID, in dialect: ReplyDialect, from stamp: Stamp,
    since epoch: Epoch
  ) {
    let head = Head(stamp: stamp, bytes: bytes)
    state.withLock { state in
      guard state.epoch == epoch.number else { return }
      add(head, Key(post: post, dialect: dialect), to: &state)
    }
  }

  /// After a key was destroyed.
  func removeAll() {
    state.withLock { state in
      state.young = [:]
      state.old = [:]
      state.youngBytes = 0
      state.epoch += 1
    }
  }

  private func add(_ head: Head, _ key: Key, to state: inout State) {
    if let former = state.young.updateValue(head, forKey: key) {
      state.youngBytes -= former.bytes.count + Self.entryBytes
    }
    state.youngBytes += head.bytes.count + Self.entryBytes
    guard state.youngBytes > bytesMax else { return }
    state.old = state.young
    state.young = [:]
    state.youngBytes = 0
  }
}
