import Domain
import Engine
import Entities
import Glibc
import Journal

/// The account of the operator: made at the first start, with a token in a file.
enum AdminAccount {
  static let username = "admin"
  static let tokenFile = "admin.token"

  /// Makes the account and writes `admin.token` (mode 0600) if the journal has no such account;
  /// issues another token where the file is gone. Whoever can remove it has the journal anyway.
  static func ensure(
    in service: Service, directory: String, log: (String) -> Void
  ) async throws {
    let path = "\(directory)/\(tokenFile)"
    guard let name = Username(username) else { return }
    let id = UserID.system
    if let known = service.engine.names.id(of: name) {
      guard known == id, !FileSizes.exists(path) else { return }
      let text = TokenText.make(service.engine.random)
      try write(text, to: path)
      try await issue(text, label: "another start", to: id, in: service)
      return log(
        "\(path) was gone: there is another admin token in it; TOKEN LIST shows the others")
    }
    guard service.engine.names.reserve(name, for: id) else { return }
    let text = TokenText.make(service.engine.random)
    try write(text, to: path)
    service.journal.createKey(for: id)
    let user = service.shard(of: .user(id)).directory.users.findOrMake(id)
    _ = try await user.perform(.signUp(username: name, secret: nil), by: id)
    try await issue(text, label: "first start", to: id, in: service)
    log("first start: the admin token is in \(path)")
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
}
