private import Synchronization

/// What is answered at the HTTP port: `/metrics`, `/healthz`, `/readyz`. It opens before the
/// journal is recovered, so that whoever starts the process can see how far it is.
final class HealthEndpoint: Sendable {
  private enum Stage {
    case starting
    case serving(Service)
    case ending
  }

  private let stage = Mutex(Stage.starting)

  /// Clients are served from now on.
  func serve(_ service: Service) { stage.withLock { $0 = .serving(service) } }

  /// No new clients from now on.
  func end() { stage.withLock { $0 = .ending } }

  func answer(_ path: String) -> HTTPAnswer? {
    let stage = stage.withLock { $0 }
    switch path {
    case "/healthz":
      return HTTPAnswer(body: "ok\n")
    case "/readyz":
      switch stage {
      case .starting: return HTTPAnswer(status: 503, body: "recovering from the journal\n")
      case .serving: return HTTPAnswer(body: "ready\n")
      case .ending: return HTTPAnswer(status: 503, body: "ending\n")
      }
    case "/metrics":
      guard case .serving(let service) = stage else {
        return HTTPAnswer(status: 503, body: "not serving\n")
      }
      return HTTPAnswer(contentType: MetricsText.contentType, body: service.metrics())
    default:
      return nil
    }
  }
}
