import Domain
import Testing
import Wire

@testable import Server

struct PostHeadsTests {
  private func post(_ id: UInt64 = 1, text: UInt64 = 1) -> PostReading {
    var state = PostState(key: .post(PostID(id)))
    state.own.facts = PostFacts(author: UserID(7), visibility: .public)
    state.own.stage = .published
    state.own.textPosition = Position(text)
    return PostReading(state, viewer: nil)!
  }

  private func add(
    _ bytes: [UInt8], of post: PostReading, to heads: PostHeads, since epoch: PostHeads.Epoch? = nil
  ) {
    heads.add(
      bytes, of: post.id, in: .resp2, from: PostHeads.Stamp(post, erasedMentions: 0),
      since: epoch ?? heads.epoch)
  }

  private func find(
    _ post: PostReading, in heads: PostHeads, _ dialect: ReplyDialect = .resp2, erased: Int = 0
  ) -> [UInt8]? {
    heads.bytes(of: post, in: dialect, erasedMentions: erased)
  }

  @Test func `a head is found in its dialect and as long as nothing has changed`() {
    let heads = PostHeads()
    add([1], of: post(), to: heads)
    #expect(find(post(), in: heads) == [1])
    #expect(find(post(), in: heads, .resp3) == nil)
    #expect(find(post(2), in: heads) == nil)
    #expect(find(post(text: 2), in: heads) == nil)
    #expect(find(post(), in: heads, erased: 1) == nil)
    var other = post()
    other.status = .removed
    #expect(find(other, in: heads) == nil)
    other = post()
    other.facts.tags = [Tag(folded: "tag")]
    #expect(find(other, in: heads) == nil)
    other = post()
    other.editedAt = Instant(ms: 5)
    #expect(find(other, in: heads) == nil)
    add([2], of: post(text: 2), to: heads)
    #expect(find(post(text: 2), in: heads) == [2])
  }

  @Test func `when a key is destroyed no head stays, nor comes in that was begun before`() {
    let heads = PostHeads()
    let epoch = heads.epoch
    add([1], of: post(), to: heads, since: epoch)
    heads.removeAll()
    #expect(heads.bytes == 0)
    add([1], of: post(), to: heads, since: epoch)
    #expect(find(post(), in: heads) == nil)
    add([1], of: post(), to: heads)
    #expect(find(post(), in: heads) == [1])
  }

  @Test func `a generation is full at its bound and not before`() {
    let head = [UInt8](repeating: 0, count: 1_000)
    let one = PostHeads()
    add(head, of: post(), to: one)
    let entry = one.bytes
    let heads = PostHeads(bytesMax: 3 * entry)
    func has(_ id: UInt64) -> Bool { find(post(id), in: heads) != nil }
    for id in 1...3 as ClosedRange<UInt64> { add(head, of: post(id), to: heads) }
    // Written anew, it takes no more.
    add(head, of: post(3), to: heads)
    #expect(heads.bytes == 3 * entry)
    add(head, of: post(4), to: heads)
    // The four are the old generation now; what is read of it stays for another one.
    #expect(heads.bytes == 4 * entry)
    #expect(has(1))
    for id in 5...7 as ClosedRange<UInt64> { add(head, of: post(id), to: heads) }
    #expect(heads.bytes == 4 * entry)
    #expect(has(1) && has(7) && !has(2) && !has(4))
    for id in 8..<1_000 as Range<UInt64> {
      add(head, of: post(id), to: heads)
      #expect(heads.bytes <= 2 * 4 * entry)
    }
  }
}
