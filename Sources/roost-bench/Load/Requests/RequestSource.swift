internal import Wire

/// Makes the requests of a workload.
protocol RequestSource {
  /// Replies that each request brings.
  var repliesPerRequest: Int { get }

  /// Adds the next request of a connection.
  mutating func append(for connection: Int, to output: inout [UInt8])
}

extension RequestSource {
  var repliesPerRequest: Int { 1 }
}

extension [UInt8] {
  /// A request, as an array of bulk strings.
  mutating func append(request words: [String]) { append(contentsOf: Request.encoded(words)) }

  init(request words: [String]) { self = Request.encoded(words) }
}

/// Some prepared requests, one of them at random each time.
struct PreparedRequests: RequestSource {
  private let requests: [[UInt8]]
  private var random: SplitMix

  init(_ requests: [[String]], seed: UInt64) {
    precondition(!requests.isEmpty, "there is something to ask")
    self.requests = requests.map { [UInt8](request: $0) }
    random = SplitMix(seed: seed, stream: 0x9E9)
  }

  mutating func append(for connection: Int, to output: inout [UInt8]) {
    output.append(contentsOf: requests[requests.count == 1 ? 0 : random.below(requests.count)])
  }
}

/// What is done and, when all of it has been done, undone and so on: each connection goes through
/// the list from a place of its own, so that every request changes something.
struct TogglingRequests: RequestSource {
  private let doing: [[UInt8]]
  private let undoing: [[UInt8]]
  /// By connection.
  private var steps: [Int]
  private let offset: Int

  init(doing: [[String]], undoing: [[String]], connections: Int) {
    precondition(!doing.isEmpty && doing.count == undoing.count, "what is done can be undone")
    self.doing = doing.map { [UInt8](request: $0) }
    self.undoing = undoing.map { [UInt8](request: $0) }
    steps = Array(repeating: 0, count: connections)
    offset = max(1, doing.count / connections)
  }

  mutating func append(for connection: Int, to output: inout [UInt8]) {
    let step = steps[connection]
    steps[connection] += 1
    let index = (step + connection * offset) % doing.count
    output.append(
      contentsOf: (step / doing.count).isMultiple(of: 2) ? doing[index] : undoing[index])
  }
}

/// Several sources, each as often as its weight says.
struct MixedRequests: RequestSource {
  private var sources: [any RequestSource]
  /// Which source, by a number below the sum of the weights.
  private let choices: [Int]
  private var random: SplitMix

  init(_ sources: [(weight: Int, source: any RequestSource)], seed: UInt64) {
    precondition(sources.allSatisfy { $0.source.repliesPerRequest == 1 }, "one reply for each")
    self.sources = sources.map(\.source)
    choices = sources.enumerated().flatMap { Array(repeating: $0, count: $1.weight) }
    random = SplitMix(seed: seed, stream: 0x313)
  }

  mutating func append(for connection: Int, to output: inout [UInt8]) {
    sources[choices[random.below(choices.count)]].append(for: connection, to: &output)
  }
}
