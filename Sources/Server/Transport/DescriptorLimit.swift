internal import Glibc

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
