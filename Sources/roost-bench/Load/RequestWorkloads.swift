internal import Engine

/// The sources of the workloads that are requests and their replies.
struct RequestWorkloads {
  private static let text =
    "Benchmark post __n__ on connection __c__: as long as people write here."
  /// Requests prepared for one kind, where each is somebody else's.
  private static let preparedMax = 16_384

  private let options: LoadOptions
  private let tokens: Tokens?
  private var random: SplitMix

  /// Connects, logs in, and runs.
  static func run(
    _ options: LoadOptions, _ make: (inout RequestWorkloads) throws -> any RequestSource
  ) throws -> [(String, JSON)] {
    ProcessFigures.raiseDescriptorLimit()
    ProcessFigures.sharpenTimers()
    var workloads = RequestWorkloads(
      options: options, tokens: try options.tokens.map { try Tokens(path: $0) },
      random: SplitMix(seed: options.seed, stream: 0x10AD))
    let source = try make(&workloads)
    let connections = try (0..<options.connections).map { number in
      LoadConnection(
        try Dialogue(options.address, token: workloads.token(ofConnection: number)).socket)
    }
    return try RequestRun(connections, source, options).run()
  }

  private func require() throws -> Tokens { try tokens ?? options.readTokens() }

  private func token(ofConnection number: Int) -> String? {
    guard let tokens else { return nil }
    return options.isService ? tokens.service : person(number, tokens).token
  }

  private func person(_ number: Int, _ tokens: Tokens) -> Tokens.Person {
    tokens.people[number % tokens.people.count]
  }

  /// The words, with those before that make them somebody's where connections are nobody's.
  private mutating func asSomebody(_ words: [String], _ tokens: Tokens) -> [String] {
    guard options.isService else { return words }
    return ["AS", tokens.people[random.below(tokens.people.count)].username] + words
  }

  // MARK: Reading

  func ping() throws -> any RequestSource {
    PreparedRequests([["PING"]], seed: options.seed)
  }

  mutating func get() throws -> any RequestSource {
    let tokens = try require()
    guard !tokens.posts.isEmpty else { throw BenchError("the network has no posts") }
    let requests = tokens.posts.map { asSomebody(["GET", $0], tokens) }
    return PreparedRequests(requests, seed: options.seed)
  }

  mutating func home() throws -> any RequestSource {
    let tokens = try require()
    let words = ["HOME", "COUNT", String(options.count)]
    let requests = (0..<(options.isService ? Self.preparedMax : 1)).map { _ in
      asSomebody(words, tokens)
    }
    return PreparedRequests(requests, seed: options.seed)
  }

  mutating func timeline() throws -> any RequestSource {
    let tokens = try require()
    let requests = tokens.people.prefix(Self.preparedMax).map {
      asSomebody(["TIMELINE", $0.username, "COUNT", String(options.count)], tokens)
    }
    return PreparedRequests(requests, seed: options.seed)
  }

  // MARK: Writing

  func like() throws -> any RequestSource {
    let tokens = try require()
    guard !tokens.posts.isEmpty else { throw BenchError("the network has no posts") }
    return try toggling(tokens.posts, "LIKE", "UNLIKE")
  }

  /// Of people who are none of the connections': nobody follows themself.
  func follow() throws -> any RequestSource {
    let tokens = try require()
    let others = tokens.people.dropFirst(options.connections).map(\.username)
    guard !others.isEmpty else {
      throw BenchError("there are tokens of \(tokens.people.count) people: too few to follow")
    }
    return try toggling(others, "FOLLOW", "UNFOLLOW")
  }

  private func toggling(
    _ names: [String], _ doing: String, _ undoing: String
  ) throws -> any RequestSource {
    guard !options.isService else { throw UsageError("writes are not made with --service") }
    return TogglingRequests(
      doing: names.map { [doing, $0] }, undoing: names.map { [undoing, $0] },
      connections: options.connections)
  }

  func post() throws -> any RequestSource {
    _ = try require()
    guard !options.isService else { throw UsageError("writes are not made with --service") }
    return try RequestTemplate(["POST", Self.text], seed: options.seed)
  }

  func say() throws -> any RequestSource {
    let tokens = try require()
    guard !options.isService else { throw UsageError("writes are not made with --service") }
    guard tokens.people.count > 1 else { throw BenchError("there are tokens of one person only") }
    let sources = try (0..<options.connections).map { number in
      var dialogue = try Dialogue(options.address, token: person(number, tokens).token)
      let chat = try dialogue.askForID(["CHAT", "NEW", person(number + 1, tokens).username])
      return try RequestTemplate(["SAY", chat, Self.text], seed: options.seed)
    }
    return EachItsOwn(sources: sources)
  }

  mutating func mix() throws -> any RequestSource {
    MixedRequests(
      [
        (40, try home()), (30, try get()), (20, try timeline()), (5, try like()),
        (2, try follow()), (2, try post()), (1, try say()),
      ], seed: options.seed)
  }

  func command() throws -> any RequestSource {
    try RequestTemplate(options.command, seed: options.seed)
  }
}

/// A source for each connection.
struct EachItsOwn: RequestSource {
  var sources: [RequestTemplate]

  mutating func append(for connection: Int, to output: inout [UInt8]) {
    sources[connection].append(for: connection, to: &output)
  }
}
