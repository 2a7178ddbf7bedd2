internal import CEvent
internal import Glibc

/// Whoever wants to know that a descriptor is ready or a time has come.
protocol EventHandler: AnyObject {
  func eventFired(_ source: EventSource)
}

/// One libevent loop; everything about it happens on one thread.
@safe struct EventBase {
  fileprivate let pointer: OpaquePointer

  init() {
    guard let pointer = unsafe event_base_new() else {
      fatalError("libevent has no memory for a loop")
    }
    unsafe self.pointer = pointer
  }

  /// Runs the callbacks of what is ready; if nothing is, waits for it or returns at once.
  func poll(waiting: Bool) {
    let flags = EVLOOP_ONCE | (waiting ? 0 : EVLOOP_NONBLOCK)
    let result = unsafe event_base_loop(pointer, flags)
    precondition(result >= 0, "libevent's loop failed")
  }

  /// All sources must have been freed.
  func free() {
    unsafe event_base_free(pointer)
  }
}

/// What libevent watches for us: a descriptor or a time. Keeps its handler until `free()`.
@safe final class EventSource {
  enum Interest {
    case readable(Int32)
    case writable(Int32)
    /// As `readable`, but told once per change; what is there need not be read.
    case readableEdge(Int32)
    case timer(repeats: Bool)
  }

  private var pointer: OpaquePointer?
  private var handler: (any EventHandler)?

  init(_ base: EventBase, _ interest: Interest, handler: any EventHandler) {
    self.handler = handler
    let (descriptor, flags) =
      switch interest {
      case .readable(let descriptor): (descriptor, EV_READ | EV_PERSIST)
      case .writable(let descriptor): (descriptor, EV_WRITE | EV_PERSIST)
      case .readableEdge(let descriptor): (descriptor, EV_READ | EV_PERSIST | EV_ET)
      case .timer(let repeats): (Int32(-1), repeats ? EV_PERSIST : 0)
      }
    unsafe pointer = event_new(
      base.pointer, descriptor, Int16(flags), fire, Unmanaged.passUnretained(self).toOpaque())
    guard unsafe pointer != nil else { fatalError("libevent has no memory for an event") }
  }

  func add() {
    guard let pointer = unsafe pointer else { return }
    let result = unsafe event_add(pointer, nil)
    precondition(result == 0, "libevent cannot watch a descriptor")
  }

  func add(afterMilliseconds milliseconds: Int) {
    guard let pointer = unsafe pointer else { return }
    var time = timeval(
      tv_sec: milliseconds / 1000, tv_usec: Int(milliseconds % 1000) * 1000)
    let result = unsafe event_add(pointer, &time)
    precondition(result == 0, "libevent cannot set a timer")
  }

  func remove() {
    guard let pointer = unsafe pointer else { return }
    _ = unsafe event_del(pointer)
  }

  /// Before the descriptor is closed; also from within its own callback.
  func free() {
    guard let pointer = unsafe pointer else { return }
    unsafe event_free(pointer)
    unsafe self.pointer = nil
    handler = nil
  }

  deinit {
    precondition(unsafe pointer == nil, "an event source was dropped without being freed")
  }

  fileprivate func fired() {
    handler?.eventFired(self)
  }
}

private func fire(_: Int32, _: Int16, argument: UnsafeMutableRawPointer?) {
  guard let argument = unsafe argument else { return }
  unsafe Unmanaged<EventSource>.fromOpaque(argument).takeUnretainedValue().fired()
}
