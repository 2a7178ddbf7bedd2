import Glibc
import Server
import Testing
import Wire

/// Small within the tests, so that it cannot rot. By hand, in release:
/// `ROOST_BENCHMARK_REQUESTS=1000000 swift test -c release --filter PingBenchmark`.
struct PingBenchmark {
  @Test(arguments: [1, 16, 64])
  func `pings per second on one connection`(pipeline: Int) throws {
    let total = unsafe getenv("ROOST_BENCHMARK_REQUESTS").flatMap { text in
      unsafe Int(String(cString: text))
    }
    let rounds = (total ?? 2_000) / pipeline
    try serving({ _ in PingServer() }) { listener, _ in
      let client = try TestClient(port: listener.port)
      let requests = Array(repeating: Request.encoded(["PING"]), count: pipeline).flatMap { $0 }
      let expected = Array(repeating: Array("+PONG\r\n".utf8), count: pipeline).flatMap { $0 }
      let time = try ContinuousClock().measure {
        for _ in 0..<rounds {
          client.send(requests)
          try #require(client.receive(expected.count) == expected)
        }
      }
      if total != nil {
        let rate = Double(rounds * pipeline) / (time / .seconds(1))
        print("pipeline \(pipeline): \(Int(rate)) requests/s")
      }
    }
  }
}
