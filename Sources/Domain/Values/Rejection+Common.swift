/// Refusals that several places give, always in the same words: what a caller may not see must be
/// answered exactly like what does not exist.
extension Rejection {
  package static let noSuchUser = Rejection(.notFound, "no such user")
  package static let erasedUser = Rejection(.gone, "this account was erased")
  package static let noSuchPost = Rejection(.notFound, "no such post")
  package static let noSuchChat = Rejection(.notFound, "no such chat")
  package static let noSuchMember = Rejection(.notFound, "no such member")
  package static let noSuchMessage = Rejection(.notFound, "no such message")
  package static let noSuchMedia = Rejection(.notFound, "no such media")
  package static let noSuchList = Rejection(.notFound, "no such list")
  package static let noSuchReport = Rejection(.notFound, "no such report")
  package static let noSuchToken = Rejection(.notFound, "no such token")
  /// Of an edit that takes over from a text what it does not say: that text was replaced.
  package static let editedMeanwhile = Rejection(
    .busy, "the post has been edited meanwhile, try again")
}
