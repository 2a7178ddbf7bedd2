import Domain

/// One session on one channel. Not live at first: then the journal is read for it.
final class Subscriber {
  let session: Session
  let channel: Channel
  private(set) var viewpoint: Viewpoint
  private(set) var isLive = false
  private(set) var isEnded = false
  /// Whether the journal is being read for it, or has been.
  private var hasBegun = false
  /// Everything up to here was delivered, or lies before the subscription.
  private(set) var through: Position
  /// What it was told so far, and what it was not, rests on events up to here: nothing goes out
  /// before these are durable.
  private var restsOn = Position.zero

  init(session: Session, on channel: Channel, as viewpoint: Viewpoint, after position: Position) {
    self.session = session
    self.channel = channel
    self.viewpoint = viewpoint
    through = position
  }

  func isDue(_ position: Position) -> Bool { isLive && !isEnded && position > through }

  /// True the first time: one reads the journal for it.
  func begin() -> Bool {
    defer { hasBegun = true }
    return !hasBegun && !isLive
  }

  func goLive(after position: Position) {
    isLive = true
    through = max(through, position)
  }

  /// Goes on with other eyes: an anonymous connection has logged in.
  func look(as viewpoint: Viewpoint) { self.viewpoint = viewpoint }

  /// Nothing is delivered any more.
  func end() { isEnded = true }

  func rest(on position: Position) { restsOn = max(restsOn, position) }

  func push(_ message: LiveMessage) {
    guard !isEnded else { return }
    if !session.push(message, after: restsOn) { end() }
  }
}

/// The subscribers of one channel, by the number of their session: the same order every time.
struct SubscriberList {
  private(set) var all: [Subscriber] = []

  /// The place of a session, or where it would be. O(log n).
  private func index(of session: UInt64) -> Int {
    var low = 0
    var high = all.count
    while low < high {
      let middle = (low + high) / 2
      if all[middle].session.id < session { low = middle + 1 } else { high = middle }
    }
    return low
  }

  subscript(session: UInt64) -> Subscriber? {
    let index = index(of: session)
    return index < all.count && all[index].session.id == session ? all[index] : nil
  }

  /// Takes the place of the session's subscriber, if it has one; that one is ended.
  mutating func put(_ subscriber: Subscriber) {
    let index = index(of: subscriber.session.id)
    if index < all.count, all[index].session.id == subscriber.session.id {
      all[index].end()
      all[index] = subscriber
    } else {
      all.insert(subscriber, at: index)
    }
  }

  mutating func remove(_ session: UInt64) {
    let index = index(of: session)
    guard index < all.count, all[index].session.id == session else { return }
    all[index].end()
    all.remove(at: index)
  }
}
