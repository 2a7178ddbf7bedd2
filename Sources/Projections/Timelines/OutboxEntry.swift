package import Domain

/// What someone put before their followers: a post, a reply or a share. 16 bytes.
package struct OutboxEntry: Hashable, Sendable, OrderedElement {
  package enum Kind: UInt64, Sendable, CaseIterable {
    case post = 0
    case replyToSelf = 1
    case reply = 2
    case share = 3
  }

  // Ids are below 2^63: the upper bits hold the two bits of the kind.
  private let packedKey: UInt64
  private let packedPost: UInt64

  private static let idMask: UInt64 = (1 << 63) - 1

  package init(kind: Kind, orderKey: UInt64, post: PostID) {
    precondition(orderKey <= Self.idMask && post.raw <= Self.idMask, "ids are below 2^63")
    packedKey = orderKey | (kind.rawValue & 1) << 63
    packedPost = post.raw | (kind.rawValue >> 1) << 63
  }

  package init(post: PostID, facts: PostFacts) {
    let kind: Kind =
      if let reply = facts.reply {
        reply.parentAuthor == facts.author ? .replyToSelf : .reply
      } else {
        .post
      }
    self.init(kind: kind, orderKey: facts.orderKey(of: post), post: post)
  }

  package init(share: ShareID, of post: PostID) {
    self.init(kind: .share, orderKey: share.raw, post: post)
  }

  /// The post's id, the share's, or what a draft got when it was published: what home and timelines
  /// are ordered by.
  package var orderKey: UInt64 { packedKey & Self.idMask }
  package var post: PostID { PostID(packedPost & Self.idMask) }
  package var kind: Kind {
    switch (packedPost >> 63, packedKey >> 63) {
    case (0, 0): .post
    case (0, _): .replyToSelf
    case (_, 0): .reply
    case (_, _): .share
    }
  }
}
