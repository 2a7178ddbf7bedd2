/// This software's version.
package let roostVersion = "0.1.0"

/// The Redis whose connection commands are spoken; some client libraries look at it.
package let redisVersion = "7.2.0"
