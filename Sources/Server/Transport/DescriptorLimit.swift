internal import Glibc

/// Descriptors that are kept for files, loops and whoever watches the server.
let descriptorsReserved = 256

/// How many of so many connections the system's limit on descriptors allows, when it is raised as
/// far as may be; at least one.
func connectionsAllowed(_ wanted: Int) -> Int {
  let limit = raiseDescriptorLimit(to: wanted + descriptorsReserved)
  return max(1, min(wanted, limit - descriptorsReserved))
}

/// Lets the process open as many descriptors as the system allows it, up to `wanted`; returns how
/// many that is. Every connection takes one.
@discardableResult
package func raiseDescriptorLimit(to wanted: Int) -> Int {
  let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  var limit = rlimit()
  guard unsafe getrlimit(resource, &limit) == 0 else { return 0 }
  let aim = min(rlim_t(wanted), limit.rlim_max)
  if limit.rlim_cur < aim {
    limit.rlim_cur = aim
    _ = unsafe setrlimit(resource, &limit)
    _ = unsafe getrlimit(resource, &limit)
  }
  return Int(clamping: limit.rlim_cur)
}
