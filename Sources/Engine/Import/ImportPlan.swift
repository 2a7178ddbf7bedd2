internal import Domain

/// What the files hold, read through once before anything is written: so a bad line anywhere leaves
/// no half-made journal behind.
struct ImportPlan {
  /// The numbers of all people, ascending.
  private(set) var people: [UInt64] = []
  /// In the order of the file, as indices into `people`.
  private(set) var follows: [(follower: UInt32, followed: UInt32)] = []
  private(set) var activityLines = 0
  /// Of the first activity, in seconds since 1970; nil without any.
  private(set) var firstSecond: Int64?
  private var indices: [UInt64: UInt32] = [:]

  init(_ files: ImportFiles, report: ProgressReport?) throws {
    try readFollows(files.follows, report)
    if let activity = files.activity { try readActivity(activity, report) }
    order()
  }

  func index(of number: UInt64) -> Int {
    guard let index = indices[number] else { preconditionFailure("\(number) was not read before") }
    return Int(index)
  }

  private mutating func readFollows(_ path: String, _ report: ProgressReport?) throws {
    var reader = try LineReader(path: path)
    while let line = try reader.next() {
      let follow = try FollowLine(line, reader)
      follows.append((note(follow.follower), note(follow.followed)))
      reader.report("reading \(path)", report)
    }
  }

  private mutating func readActivity(_ path: String, _ report: ProgressReport?) throws {
    var reader = try LineReader(path: path)
    var last = Int64.min
    while let line = try reader.next() {
      let activity = try ActivityLine(line, reader)
      guard activity.seconds >= last else {
        throw reader.error("its time is before that of the line before")
      }
      last = activity.seconds
      if firstSecond == nil { firstSecond = activity.seconds }
      _ = note(activity.actor)
      _ = note(activity.other)
      activityLines += 1
      reader.report("reading \(path)", report)
    }
  }

  private mutating func note(_ number: UInt64) -> UInt32 {
    if let index = indices[number] { return index }
    let index = UInt32(people.count)
    indices[number] = index
    people.append(number)
    return index
  }

  /// From the order of appearance to that of numbers.
  private mutating func order() {
    let sorted = people.indices.sorted { people[$0] < people[$1] }
    var places = [UInt32](repeating: 0, count: people.count)
    for (place, index) in sorted.enumerated() { places[index] = UInt32(place) }
    people = sorted.map { people[$0] }
    for (place, number) in people.enumerated() { indices[number] = UInt32(place) }
    follows = follows.map { (places[Int($0.follower)], places[Int($0.followed)]) }
  }
}

extension LineReader {
  private static let reportedEvery = 16_384

  /// Tells now and then how much of the file has been read.
  func report(_ title: String, _ report: ProgressReport?) {
    guard let report, number % Self.reportedEvery == 0 else { return }
    let (done, total) = progress
    report(Progress(title: title, done: done, total: total, unit: "bytes"))
  }
}
