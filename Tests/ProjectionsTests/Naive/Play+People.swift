import Domain

/// Followed hashtags, lists of people and reports.
extension Play {
  mutating func follow(_ tags: [Hashtag], _ actor: UserID) {
    let tag = random.pick(tags)!
    let follow = NaiveTown.TagFollow(user: actor, tag: tag)
    let event =
      town.tagFollows.contains(follow) ? UserEvent.tagUnfollowed(tag) : .tagFollowed(tag)
    emit(.user(event), by: actor, .user(actor))
  }

  mutating func keepLists(_ actor: UserID) {
    let mine = town.lists.filter { $0.owner == actor }
    guard let list = random.pick(mine) else {
      return emit(.user(.listMade(ListID(newID()))), by: actor, .user(actor))
    }
    changeMembers(of: list)
    if random.once(in: 40) { emit(.user(.listDropped(list.id)), by: actor, .user(actor)) }
  }

  mutating func changeMembers(of list: NaiveTown.PeopleList) {
    let member = someone
    let event: UserEvent =
      list.members.contains(member)
      ? .listRemoved(list.id, member) : .listAdded(list.id, member)
    emit(.user(event), by: list.owner, .user(list.owner))
  }

  mutating func report(by actor: UserID, about other: UserID) {
    if let open = random.pick(town.reports), random.once(in: 4) {
      return emit(.user(.reportClosed(open.id)), by: other, .user(open.reporter))
    }
    guard actor != other else { return }
    let post = town.posts.last { $0.facts.author == other }?.id
    let report = UserEvent.reported(
      ReportID(newID()), other, random.once(in: 2) ? post : nil)
    emit(.user(report), by: actor, .user(actor))
  }
}
