import Glibc
import Synchronization

@testable import Server

/// A plain blocking socket, as far from the code under test as can be. Waits 10 s at most.
final class TestClient: Sendable {
  let descriptor: Int32

  init(port: UInt16, receiveBufferBytes: Int32? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if descriptor < 0 { throw SystemError.last }
    var timeout = timeval(tv_sec: 10, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
    if var bytes = receiveBufferBytes {
      _ = unsafe setsockopt(
        descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if result != 0 {
      let error = SystemError.last
      _ = Glibc.close(descriptor)
      throw error
    }
  }

  deinit {
    _ = Glibc.close(descriptor)
  }

  /// False if the server has gone, or does not listen for 10 s.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var start = 0
    while start < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { raw in
        unsafe Glibc.send(
          descriptor, raw.baseAddress! + start, raw.count - start, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      start += count
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// What has arrived, at most `count` bytes; nothing at the end; nil on an error.
  func receiveSome(_ count: Int = 64 << 10) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: count)
    let received = unsafe recv(descriptor, &buffer, count, 0)
    return received < 0 ? nil : Array(buffer.prefix(received))
  }

  /// Exactly that many bytes; fewer if the connection ended.
  func receive(_ count: Int) -> [UInt8] {
    var all: [UInt8] = []
    while all.count < count, let some = receiveSome(count - all.count), !some.isEmpty {
      all += some
    }
    return all
  }

  /// Everything until the server ends the connection; nil if it does not.
  func receiveAll() -> [UInt8]? {
    var all: [UInt8] = []
    while let some = receiveSome() {
      if some.isEmpty { return all }
      all += some
    }
    return nil
  }

  func text(_ count: Int) -> String { String(decoding: receive(count), as: UTF8.self) }

  func shutDownWriting() {
    _ = shutdown(descriptor, Int32(SHUT_WR))
  }
}

/// Waits for something another thread will bring about; false after 10 s.
func eventually(_ condition: () -> Bool) -> Bool {
  let deadline = ContinuousClock.now + .seconds(10)
  while ContinuousClock.now < deadline {
    if condition() { return true }
    usleep(1000)
  }
  return condition()
}

/// A value shared between threads in tests.
final class Shared<Value: Sendable>: Sendable {
  private let storage: Mutex<Value>

  init(_ value: Value) { storage = Mutex(value) }

  var value: Value { storage.withLock { $0 } }

  func change(_ body: @Sendable (inout Value) -> Void) {
    storage.withLock { body(&$0) }
  }
}

/// Loops and a listener on a port of the system's choice, for as long as `body` runs.
func serving<Result>(
  loops count: Int = 1, connectionsMax: Int = 10_000,
  log: @escaping @Sendable (String) -> Void = { _ in },
  _ makeDelegate: @escaping @Sendable (Connection) -> any ConnectionDelegate,
  _ body: (Listener, [EventLoop]) throws -> Result
) throws -> Result {
  let loops = (0..<count).map { EventLoop(index: $0) }
  for loop in loops { loop.start() }
  let listener = try Listener(
    host: "127.0.0.1", port: 0, loops: loops, connectionsMax: connectionsMax, log: log,
    makeDelegate: makeDelegate)
  listener.start()
  defer {
    let isStopped = Shared(false)
    listener.stop { isStopped.change { $0 = true } }
    _ = eventually { isStopped.value }
    for loop in loops { loop.stop() }
  }
  return try body(listener, loops)
}

/// Runs `body` on the loop and waits for its result.
func on<Result: Sendable>(
  _ loop: EventLoop, _ body: @escaping @Sendable () -> Result
) -> Result? {
  let result = Shared<Result?>(nil)
  loop.perform {
    let made = body()
    result.change { $0 = made }
  }
  _ = eventually { result.value != nil }
  return result.value
}
