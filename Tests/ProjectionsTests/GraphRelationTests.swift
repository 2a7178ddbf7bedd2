import Domain
import Projections
import Testing

/// The graph follows the rules that the entities follow.
struct GraphRelationTests {
  @Test func `with an erased person go the hashtags that they followed, not whom they followed`() {
    var script = Script()
    let anna = script.signUp("anna")
    let bert = script.signUp("bert")
    let tags = ["cern", "muon", "cern"].map { Hashtag(folded: $0) }
    for tag in tags { script.emit(.tagFollowed(tag), by: anna) }
    #expect(script.models.followedTags(of: anna) == [tags[0], tags[1]])
    script.emit(.tagUnfollowed(tags[0]), by: anna)
    #expect(script.models.followedTags(of: anna) == [tags[1]])
    #expect(script.models.followedTagSet(of: anna) == [tags[1]])
    script.emit(.followed(bert), by: anna)
    script.emit(.erased, by: anna)
    #expect(script.models.followedTags(of: anna) == [])
    #expect(script.models.followedTagSet(of: anna) == [])
    #expect(script.models.relation(of: anna, to: bert).follows)
  }

  @Test(arguments: [91, 92, 93] as [UInt64])
  func `following and asking agree with the domain's relation`(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    var script = Script()
    let people = script.people(2)
    let (a, b) = (people[0], people[1])
    var relation = FollowRelation()
    for step in 0..<4_000 {
      guard let (event, actor) = event(a, b, relation, &random) else { continue }
      let record = Record(
        position: script.models.position.next, time: Instant(ms: script.now), actor: actor,
        entity: .user(actor), sequence: 1, event: .user(event), hasSecret: false)
      script.emit(event, by: actor)
      relation.fold(record, from: a, to: b)
      let found = script.models.relation(of: a, to: b)
      let back = script.models.relation(of: b, to: a)
      let context = Comment("seed \(seed), step \(step), \(event)")
      #expect(found.follows == (relation.state == .following), context)
      #expect(found.requested == (relation.state == .requested), context)
      #expect(back.followedBy == found.follows, context)
      #expect(back.requestedBy == found.requested, context)
      #expect(back.blocks == (relation.verdict?.kind == .blocked), context)
      #expect(found.blockedBy == back.blocks, context)
      #expect(script.models.followersCount(of: b) == (found.follows ? 1 : 0), context)
      let stance = script.models.stance(of: a, to: b)
      #expect(
        stance.viewer
          == Viewer(
            follows: found.follows, isFollowed: found.followedBy,
            isBlocked: found.blocks || found.blockedBy), context)
    }
  }

  @Test func `a stance says who an author is to whom, and what became of them`() {
    var script = Script()
    let anna = script.signUp("anna")
    let bert = script.signUp("bert")
    let nobody = UserID(77)
    #expect(script.models.stance(of: anna, to: anna).viewer == .author)
    #expect(script.models.stance(of: anna, to: nobody).viewer == Viewer(.stranger))
    #expect(script.models.stance(of: nobody, to: anna).viewer == Viewer(.stranger))
    #expect(!script.models.stance(of: anna, to: bert).authorIsPrivate)
    script.emit(.profileChanged(isPrivate: true, messages: nil, fields: []), by: bert)
    #expect(script.models.stance(of: anna, to: bert).authorIsPrivate)
    #expect(script.models.stance(of: bert, to: bert).authorIsPrivate)
    #expect(!script.models.stance(of: bert, to: anna).authorIsPrivate)
    #expect(!script.models.stance(of: anna, to: bert).authorIsErased)
    script.emit(.erased, by: bert)
    #expect(script.models.stance(of: anna, to: bert).authorIsErased)
    #expect(script.models.stance(of: nobody, to: bert).authorIsErased)
  }

  /// What b ensures is ensured; a's word may be late in every way.
  private func event(
    _ a: UserID, _ b: UserID, _ relation: FollowRelation, _ random: inout SplitMix
  ) -> (UserEvent, UserID)? {
    let isBlocked = relation.verdict?.kind == .blocked
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return (.followed(b), a)
    case 1: return (.followRequested(b), a)
    case 2: return (.unfollowed(b), a)
    case 3: return (.followRequestWithdrawn(b), a)
    case 4: return relation.state == .requested ? (.followAccepted(a), b) : nil
    case 5: return relation.state == .requested ? (.followRejected(a), b) : nil
    case 6: return isBlocked ? nil : (.blocked(a), b)
    default: return isBlocked ? (.unblocked(a), b) : nil
    }
  }
}
