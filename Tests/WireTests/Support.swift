import Wire

/// SplitMix64: the same numbers from the same seed, on every machine.
struct SeededRandom: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// All requests in the bytes, fed in pieces that end at `cuts`.
func requests(
  _ bytes: [UInt8], cuts: [Int] = [], limits: WireLimits = .authenticated
) throws -> [Request] {
  var parser = RequestParser(limits: limits)
  var found: [Request] = []
  var start = 0
  for end in cuts + [bytes.count] {
    parser.append(bytes[start..<end].span)
    start = end
    while let request = try parser.next() { found.append(request) }
  }
  return found
}

func requests(_ text: String, limits: WireLimits = .authenticated) throws -> [Request] {
  try requests(Array(text.utf8), limits: limits)
}

/// The words of the only request in the text.
func words(_ text: String, limits: WireLimits = .authenticated) throws -> [Argument] {
  let found = try requests(text, limits: limits)
  return found.count == 1 ? found[0].arguments : []
}

/// What the parser refuses the text with; nil if it does not.
func refusal(_ text: String, limits: WireLimits = .authenticated) -> WireError? {
  refusal(Array(text.utf8), limits: limits)
}

func refusal(_ bytes: [UInt8], limits: WireLimits = .authenticated) -> WireError? {
  do {
    _ = try requests(bytes, limits: limits)
    return nil
  } catch {
    return error as? WireError
  }
}

func written(_ reply: Reply, _ framing: Framing, _ version: RESPVersion = .two) -> String {
  String(
    decoding: ReplyWriter.bytes(reply, framing: framing, version: version), as: UTF8.self)
}
