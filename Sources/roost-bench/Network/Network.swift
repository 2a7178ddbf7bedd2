internal import Domain
internal import Engine
internal import Journal

/// Makes a network in a new data directory: the same bytes from the same options.
enum Network {
  static let adminTokenFile = "admin.token"

  /// What was made.
  struct Report {
    var options: NetworkOptions
    var events: UInt64
    var seconds: Double
    var largestAccount: UInt32
    var medianFollowing: UInt32
    var medianFollowers: UInt32
    var mostFollowing: UInt32
    var tokensFile: String
  }

  /// The directory appears when it is whole.
  static func make(_ options: NetworkOptions) throws -> Report {
    try options.check()
    let start = Stopwatch()
    let staged = try StagedDirectory(options.directory)
    var writer = try NetworkWriter(options, in: staged.path)
    let holders = try writer.write()
    try TokensFile.write(writer, holders, to: "\(staged.path)/\(TokensFile.name)")
    try PrivateFile.write(
      writer.people.token(of: .system, .admin) + "\n", to: "\(staged.path)/\(adminTokenFile)")
    try staged.finish()
    return Report(
      options: options, events: writer.filler.position.raw, seconds: start.seconds,
      largestAccount: writer.followers.largest, medianFollowing: median(writer.plan.following),
      medianFollowers: median(writer.followers.counts),
      mostFollowing: writer.plan.following.max() ?? 0,
      tokensFile: "\(staged.destination)/\(TokensFile.name)")
  }
}

extension Network.Report {
  var json: JSON {
    let sizes = DataSizes(directory: options.directory)
    return .object([
      ("people", .int(Int64(options.people))), ("follows", .int(Int64(options.follows))),
      ("posts", .int(Int64(options.posts))), ("likes", .int(Int64(options.likes))),
      ("shares", .int(Int64(options.shares))), ("seed", .uint(options.seed)),
      ("events", .uint(events)), ("bytes", .uint(sizes.journal + sizes.keys)),
      ("journal_bytes", .uint(sizes.journal)), ("keys_bytes", .uint(sizes.keys)),
      ("seconds", .decimal(seconds)),
      ("events_per_second", .decimal((Double(events) / max(seconds, 1e-9)).rounded())),
      ("largest_account", .uint(UInt64(largestAccount))),
      ("median_following", .uint(UInt64(medianFollowing))),
      ("median_followers", .uint(UInt64(medianFollowers))),
      ("most_following", .uint(UInt64(mostFollowing))),
      ("tokens", .string(tokensFile)),
    ])
  }
}
