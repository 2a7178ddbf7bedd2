import Domain

extension NaiveModel {
  mutating func notify(
    _ owner: UInt64, _ kind: String, _ object: UInt64, by actor: UInt64, _ time: Int64
  ) {
    if owner == actor || blocks(owner, actor) || mutes(owner, actor) { return }
    let same = causes.firstIndex {
      $0.owner == owner && $0.kind == kind && $0.object == object && $0.actor == actor
    }
    if let same {
      causes[same].isActive = true
    } else {
      causes.append(
        Cause(
          owner: owner, kind: kind, object: object, actor: actor, position: position, time: time))
    }
  }

  mutating func withdraw(
    _ owner: UInt64, _ kind: String, _ object: UInt64, by actor: UInt64
  ) {
    for index in causes.indices
    where causes[index].owner == owner && causes[index].kind == kind
      && causes[index].object == object && causes[index].actor == actor
    {
      causes[index].isActive = false
    }
  }

  mutating func readItem(_ owner: UInt64, causedAt cause: UInt64) {
    guard let cause = causes.first(where: { $0.owner == owner && $0.position == cause }) else {
      return
    }
    itemsRead.append((owner, cause.kind, cause.object, position))
  }
}
