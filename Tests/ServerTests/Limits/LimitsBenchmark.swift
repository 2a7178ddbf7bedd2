import Domain
import Glibc
import Testing

@testable import Server

/// Small within the tests, so that it cannot rot. By hand, in release:
/// `ROOST_BENCHMARK_CHECKS=2000000 swift test -c release --filter LimitsBenchmark`.
@Suite(.serialized) struct LimitsBenchmark {
  private static let start = Instant(ms: 1_700_000_000_000)
  private static let total = unsafe getenv("ROOST_BENCHMARK_CHECKS").flatMap { text in
    unsafe Int(String(cString: text))
  }

  private func report(_ what: String, _ count: Int, _ timeNs: Int) {
    guard Self.total != nil else { return }
    print("\(what): \(timeNs / count) ns each")
  }

  /// Nanoseconds of processor time that the body takes: others may use the machine meanwhile.
  private func measure(_ body: () -> Void) -> Int {
    func now() -> Int {
      var time = timespec()
      unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
    let start = now()
    body()
    return now() - start
  }

  @Test(arguments: [100, 100_000], [LimitRule.reads, .posts])
  func `a check of a known account`(accounts: Int, rule: LimitRule) {
    let limiter = RateLimiter(.standard)
    let count = Self.total ?? 2_000
    var refused = 0
    func check(_ number: Int, at now: Instant) {
      let account = UserID(mix64(UInt64(number % accounts)))
      do throws(Rejection) {
        try limiter.charge(rule, to: account, at: now)
      } catch {
        refused += 1
      }
    }
    for number in 0..<min(accounts, count) { check(number, at: Self.start) }
    let time = measure {
      for number in 0..<count {
        // Time goes on with the calls, so that few are refused.
        check(number &* 7_919, at: Self.start.adding(ms: 10_000 + Int64(number) * 50))
      }
    }
    report("\(rule.name) of \(accounts) accounts, \(refused) refused", count, time)
    #expect(refused < count)
  }

  @Test func `a flood of addresses that come once`() {
    let count = Self.total ?? 2_000
    let limiter = RateLimiter(.standard)
    var refused = 0
    let addresses = (0..<count).map { number in
      NetworkAddress(peer: "[2001:db8:\(hex(number >> 16)):\(hex(number & 0xFFFF))::1]:1")
    }
    var slowestNs = 0
    let time = measure {
      for address in addresses {
        let one = measure {
          do throws(Rejection) {
            try limiter.charge(.signupsPerAddress, to: address, at: Self.start)
          } catch {
            refused += 1
          }
        }
        slowestNs = max(slowestNs, one)
      }
    }
    let counts = limiter.counts
    report("a flood, \(counts.evicted) evicted, the slowest call \(slowestNs) ns", count, time)
    #expect(refused == 0 && counts.tracked <= RateLimiter.addressKeysMax)
  }

  private func hex(_ number: Int) -> String { String(number, radix: 16) }
}
