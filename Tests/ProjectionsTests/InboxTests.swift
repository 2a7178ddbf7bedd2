import Domain
import Projections
import Testing

struct InboxTests {
  @Test func `liking and unliking over and over notifies once`() throws {
    var script = Script()
    let people = script.people(3)
    let post = script.post(by: people[0])
    let other = script.post(by: people[0])
    script.like(post, of: people[0], by: people[1])
    #expect(script.models.unread(of: people[0]) == 1)
    script.emit(.inboxRead(through: script.models.position), by: people[0])
    script.like(other, of: people[0], by: people[2])
    let id = script.inbox(people[0])[1].id
    for _ in 0..<100 {
      script.unlike(post, of: people[0], by: people[1])
      #expect(script.inbox(people[0]).map(\.post) == [other])
      script.like(post, of: people[0], by: people[1])
      // Listed again, but neither unread nor moved up.
      #expect(script.inbox(people[0]).map(\.post) == [other, post])
      #expect(script.models.unread(of: people[0]) == 1)
    }
    let item = try #require(script.inbox(people[0]).last)
    #expect(item.id == id)
    #expect(item.isRead)
    #expect(item.count == 1)
  }

  @Test func `likes of one post are one item with exact count and the ten newest actors`() throws {
    var script = Script()
    let people = script.people(101)
    let author = people[0]
    let post = script.post(by: author)
    for person in people.dropFirst() { script.like(post, of: author, by: person) }
    script.unlike(post, of: author, by: people[100])
    script.unlike(post, of: author, by: people[50])
    let items = script.inbox(author)
    #expect(items.count == 1)
    let item = try #require(items.first)
    #expect(item.kind == .like)
    #expect(item.count == 98)
    #expect(item.actors == people[90...99].reversed())
    #expect(script.models.unread(of: author) == 1)
  }

  @Test func `withdrawing the only unread like makes the item read again`() {
    var script = Script()
    let people = script.people(3)
    let post = script.post(by: people[0])
    script.like(post, of: people[0], by: people[1])
    script.emit(.inboxRead(through: script.models.position), by: people[0])
    script.like(post, of: people[0], by: people[2])
    #expect(script.models.unread(of: people[0]) == 1)
    script.unlike(post, of: people[0], by: people[2])
    #expect(script.models.unread(of: people[0]) == 0)
    #expect(script.inbox(people[0]).map(\.count) == [1])
  }

  @Test func `nobody hears of what they do themselves`() {
    var script = Script()
    let people = script.people(1)
    let post = script.post(by: people[0], mentions: people)
    script.like(post, of: people[0], by: people[0])
    script.post(by: people[0], reply: (post, people[0]))
    #expect(script.inbox(people[0]) == [])
  }

  @Test func `a deleted post takes back what it told`() {
    var script = Script()
    let people = script.people(3)
    let post = script.post(by: people[0], mentions: [people[1]])
    script.like(post, of: people[0], by: people[2])
    let reply = script.post(by: people[2], reply: (post, people[0]))
    #expect(script.inbox(people[0]).map(\.kind) == [.reply, .like])
    script.delete(reply, by: people[2], reply: (post, people[0]))
    #expect(script.inbox(people[0]).map(\.kind) == [.like])
    let facts = PostFacts(author: people[0], visibility: .public, mentions: [people[1]])
    script.emit(.post(.deleted(facts)), by: people[0], .post(post))
    #expect(script.inbox(people[0]) == [])
    #expect(script.inbox(people[1]) == [])
    #expect(script.models.unread(of: people[0]) == 0)
  }

  @Test func `blocking takes back what came from the blocked and keeps out what comes`() {
    var script = Script()
    let people = script.people(3)
    let post = script.post(by: people[0])
    script.like(post, of: people[0], by: people[1])
    script.like(post, of: people[0], by: people[2])
    script.emit(.followed(people[0]), by: people[1])
    script.emit(.blocked(people[1]), by: people[0])
    #expect(script.inbox(people[0]).map(\.kind) == [.like])
    #expect(script.inbox(people[0]).map(\.actors) == [[people[2]]])
    script.post(by: people[1], mentions: [people[0]])
    #expect(script.inbox(people[0]).count == 1)
  }

  @Test func `a mute keeps out what comes and leaves what came`() {
    var script = Script()
    let people = script.people(2)
    script.post(by: people[1], mentions: [people[0]])
    script.emit(.muted(people[1]), by: people[0])
    script.post(by: people[1], mentions: [people[0]])
    #expect(script.inbox(people[0]).count == 1)
    script.emit(.unmuted(people[1]), by: people[0])
    script.post(by: people[1], mentions: [people[0]])
    #expect(script.inbox(people[0]).count == 2)
  }

  @Test func `a request is told until it is answered or taken back`() {
    var script = Script()
    let people = script.people(4)
    for person in people.dropFirst() { script.emit(.followRequested(people[0]), by: person) }
    #expect(script.inbox(people[0]).map(\.kind) == [.request, .request, .request])
    script.emit(.followAccepted(people[1]), by: people[0])
    script.emit(.followRejected(people[2]), by: people[0])
    script.emit(.followRequestWithdrawn(people[0]), by: people[3])
    #expect(script.inbox(people[0]) == [])
    #expect(script.models.unread(of: people[0]) == 0)
    #expect(script.models.relation(of: people[1], to: people[0]).follows)
  }

  /// A chat as its opener opens it.
  private func opened(_ script: inout Script, _ members: [UserID], isDirect: Bool = false) -> ChatID
  {
    let chat = ChatID(script.newID())
    script.emit(
      .chat(.opened(isDirect: isDirect, members: members)), by: members[0], .chat(chat))
    return chat
  }

  @Test func `who is added to a group is told so, once for a chat`() throws {
    var script = Script()
    let people = script.people(4)
    let chat = opened(&script, [people[0], people[1]])
    _ = opened(&script, [people[0], people[1]], isDirect: true)
    #expect(script.inbox(people[0]) == [])
    let item = try #require(script.inbox(people[1]).first)
    #expect(script.inbox(people[1]).count == 1)
    #expect(item.kind == .invite && item.chat == chat && item.post == nil)
    #expect(item.actors == [people[0]] && item.count == 1 && !item.isRead)
    script.emit(.chat(.added([people[2]])), by: people[1], .chat(chat))
    #expect(script.inbox(people[2]).map(\.actors) == [[people[1]]])
    #expect(script.models.unread(of: people[2]) == 1)
    #expect(script.inbox(people[3]) == [])
  }

  @Test func `an invitation is withdrawn on leaving and on removal`() throws {
    var script = Script()
    let people = script.people(3)
    let chat = opened(&script, people)
    script.emit(.chat(.left), by: people[1], .chat(chat))
    script.emit(.chat(.removed(people[2])), by: people[0], .chat(chat))
    for person in people {
      #expect(script.inbox(person) == [])
      #expect(script.models.unread(of: person) == 0)
    }
    // By the same: listed again, and not told again once it was read.
    script.emit(.inboxRead(through: script.models.position), by: people[1])
    script.emit(.chat(.added([people[1]])), by: people[0], .chat(chat))
    #expect(script.inbox(people[1]).map(\.isRead) == [true])
    script.emit(.chat(.left), by: people[1], .chat(chat))
    // By another: that is news.
    script.emit(.chat(.added([people[1]])), by: people[2], .chat(chat))
    let item = try #require(script.inbox(people[1]).first)
    #expect(item.actors == [people[2]] && item.count == 1 && !item.isRead)
    script.emit(.chat(.left), by: people[1], .chat(chat))
    #expect(script.inbox(people[1]) == [])
    #expect(script.models.unread(of: people[1]) == 0)
  }

  @Test func `invitations by whom one blocks or mutes are silent`() {
    var script = Script()
    let people = script.people(3)
    script.emit(.muted(people[0]), by: people[1])
    script.emit(.blocked(people[0]), by: people[2])
    let chat = opened(&script, people)
    #expect(script.inbox(people[1]) == [] && script.inbox(people[2]) == [])
    script.emit(.unmuted(people[0]), by: people[1])
    script.emit(.chat(.removed(people[1])), by: people[0], .chat(chat))
    script.emit(.chat(.added([people[1]])), by: people[0], .chat(chat))
    #expect(script.inbox(people[1]).map(\.kind) == [.invite])
    script.emit(.blocked(people[0]), by: people[1])
    #expect(script.inbox(people[1]) == [])
  }

  @Test func `who may not see a post is not told of it`() {
    var script = Script()
    let people = script.people(2)
    script.post(by: people[1], visibility: .followers, mentions: [people[0]])
    #expect(script.inbox(people[0]) == [])
    script.emit(.followed(people[1]), by: people[0])
    script.post(by: people[1], visibility: .followers, mentions: [people[0]])
    #expect(script.inbox(people[0]).map(\.kind) == [.mention])
  }
}
