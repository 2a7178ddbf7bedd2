/// Connections that wait for their turn; first in, first out.
struct WaitingConnections {
  private var connections: [Connection] = []
  private var head = 0

  var isEmpty: Bool { head == connections.count }
  var count: Int { connections.count - head }

  mutating func append(_ connection: Connection) { connections.append(connection) }

  mutating func popFirst() -> Connection? {
    guard head < connections.count else { return nil }
    let connection = connections[head]
    head += 1
    if head * 2 >= connections.count {
      connections.removeFirst(head)
      head = 0
    }
    return connection
  }
}

/// First in, first out; a push and a pop cost a few nanoseconds and in the long run no allocation.
struct WorkQueue<Element: BitwiseCopyable> {
  private var elements: [Element] = []
  private var head = 0

  var isEmpty: Bool { head == elements.count }
  var count: Int { elements.count - head }

  mutating func append(_ element: Element) {
    elements.append(element)
  }

  mutating func append(contentsOf more: [Element]) {
    elements.append(contentsOf: more)
  }

  mutating func popFirst() -> Element? {
    guard head < elements.count else { return nil }
    let element = elements[head]
    head += 1
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 4096 && head * 2 >= elements.count {
      elements.removeSubrange(..<head)
      head = 0
    }
    return element
  }
}
