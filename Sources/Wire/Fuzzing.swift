/// An entry for fuzzers: any bytes at all, cut in any way, give the same requests and the same
/// error, within bounds; what was understood is understood again after encoding. Crashes if not.
package func fuzzRequestParser(_ bytes: [UInt8]) {
  let tiny = WireLimits(
    lineBytesMax: 48, argumentBytesMax: 12, argumentsMax: 4, bufferedBytesMax: 64,
    isAuthenticated: true)
  for limits in [WireLimits.authenticated, .unauthenticated, tiny] {
    let whole = parseRequests(bytes, cutEvery: bytes.count, limits: limits)
    for step in [1, 2, 3, 5, 7, 13, 61] {
      let cut = parseRequests(bytes, cutEvery: step, limits: limits)
      precondition(cut == whole, "bytes cut every \(step) give other requests")
    }
    for request in whole.requests {
      var encoded: [UInt8] = []
      request.encode(into: &encoded)
      var generous = limits
      // Framing of short words can cost more than the line they came in.
      generous.bufferedBytesMax += encoded.count
      let again = parseRequests(encoded, cutEvery: encoded.count, limits: generous)
      precondition(
        again.requests.map(\.arguments) == [request.arguments] && again.error == nil,
        "an encoded request reads back as another")
    }
  }
}

private struct ParsedRequests: Equatable {
  var requests: [Request] = []
  var error: WireError?
}

private func parseRequests(
  _ bytes: [UInt8], cutEvery step: Int, limits: WireLimits
) -> ParsedRequests {
  var parser = RequestParser(limits: limits)
  var parsed = ParsedRequests()
  var index = 0
  while index < bytes.count && parsed.error == nil {
    let end = min(index + step, bytes.count)
    parser.append(bytes[index..<end])
    index = end
    do throws(WireError) {
      while let request = try parser.next() {
        check(request, limits)
        parsed.requests.append(request)
      }
      precondition(
        parser.bufferedBytes <= limits.bufferedBytesMax + WireLimits.headerBytesMax + 2,
        "a parser holds more than it may")
    } catch {
      parsed.error = error
    }
  }
  return parsed
}

private func check(_ request: Request, _ limits: WireLimits) {
  precondition(!request.arguments.isEmpty, "a request without a name")
  precondition(request.arguments.count <= limits.argumentsMax, "too many arguments passed")
  precondition(
    request.arguments.allSatisfy { $0.count <= limits.argumentBytesMax },
    "too long an argument passed")
}

/// As `fuzzRequestParser`, for the client's side.
package func fuzzReplyParser(_ bytes: [UInt8]) {
  let whole = parseReplies(bytes, cutEvery: bytes.count)
  for step in [1, 2, 3, 5, 7, 13, 61] {
    let cut = parseReplies(bytes, cutEvery: step)
    precondition(cut == whole, "bytes cut every \(step) give other replies")
  }
}

/// Described, because a double that is not a number does not equal itself.
private func parseReplies(_ bytes: [UInt8], cutEvery step: Int) -> [String] {
  var parser = ReplyParser()
  var parsed: [String] = []
  var index = 0
  while index < bytes.count {
    let end = min(index + step, bytes.count)
    parser.append(bytes[index..<end])
    index = end
    do throws(WireError) {
      while let reply = try parser.next() { parsed.append("\(reply)") }
    } catch {
      parsed.append("\(error)")
      return parsed
    }
  }
  return parsed
}
