import Domain
import Engine
import Entities
import Glibc
import Journal

/// The account of the operator: made at the first start, with a token in a file.
enum AdminAccount {
  static let username = "admin"
  static let tokenFile = "admin.token"

  /// While its token may not be valid yet.
  private static let unfinishedSuffix = ".writing"

  /// Makes the account and writes `admin.token` (mode 0600) if the journal has no such account;
  /// issues another token where the file is gone. Whoever can remove it has the journal anyway.
  ///
  /// The file is there when its token is valid: wherever the process ends on the way, the next
  /// start finds either no file or one that opens.
  static func ensure(
    in service: Service, directory: String, log: (String) -> Void
  ) async throws {
    let path = "\(directory)/\(tokenFile)"
    guard let name = Username(username) else { return }
    let id = UserID.system
    let known = service.engine.names.id(of: name)
    if let known {
      guard known == id, !FileSizes.exists(path) else { return }
    } else {
      guard service.engine.names.reserve(name, for: id) else { return }
    }
    let text = TokenText.make(service.engine.random)
    try write(text, to: path + unfinishedSuffix)
    if known == nil {
      service.journal.createKey(for: id)
      let user = service.shard(of: .user(id)).directory.users.findOrMake(id)
      _ = try await user.perform(.signUp(username: name, secret: nil), by: id)
    }
    let label = known == nil ? "first start" : "another start"
    try await issue(text, label: label, to: id, in: service)
    try finish(path, in: directory)
    log(
      known == nil
        ? "first start: the admin token is in \(path)"
        : "\(path) was gone: there is another admin token in it; TOKEN LIST shows the others")
  }

  private static func issue(
    _ text: String, label: String, to id: UserID, in service: Service
  ) async throws {
    let user = service.shard(of: .user(id)).directory.users.findOrMake(id)
    let token = TokenID(service.shard(of: .user(id)).ids.next())
    let issued = try await user.perform(
      .issueToken(
        token, scope: .admin, expires: nil, hash: blake2b256(Array(text.utf8)),
        secret: Secret([.label: label]), granted: .admin), by: id)
    await service.reached(issued.position)
  }

  private static func write(_ text: String, to path: String) throws {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemError(number: errno) }
    defer { close(descriptor) }
    let bytes = Array((text + "\n").utf8)
    let written = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
    }
    guard written == bytes.count, fsync(descriptor) == 0 else {
      throw SystemError(number: errno)
    }
  }

  /// Names the file, durably.
  private static func finish(_ path: String, in directory: String) throws {
    guard unsafe rename(path + unfinishedSuffix, path) == 0 else {
      throw SystemError(number: errno)
    }
    let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError(number: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw SystemError(number: errno) }
  }
}
