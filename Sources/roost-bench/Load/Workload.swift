internal import Engine

/// What a load does: its name, what it means, and how it is run.
struct Workload: Sendable {
  /// What it is called, and the sentences of `--help`.
  let name: String
  let summary: String
  let run: @Sendable (LoadOptions) throws -> [(String, JSON)]

  static let all: [Workload] =
    requests + [
      Workload(
        name: "mix",
        summary: "reads 90 % (home 40, get 30, timeline 20), like 5, follow 2, post 2, say 1"
      ) { try RequestWorkloads.run($0) { try $0.mix() } },
      Workload(
        name: "command",
        summary: """
          what follows --, for any RESP server; words may hold __n__ (number of the request), __c__
          (of the connection), __r:MAX__ (at random), __z:MAX__ (by popularity), __x:BYTES__ (text);
          the word ; parts commands that are sent together and count as one request
          """
      ) { try RequestWorkloads.run($0) { try $0.command() } },
      Workload(
        name: "fanout",
        summary: """
          on each connection posts by accounts with --followers F, P in a pipeline, then HOME of the
          account's last follower, which shows the newest of them (or a later one) or counts as
          INVISIBLE: a round ends when it is there; deliveries_per_second is F for each post over
          all the time
          """, run: FanOutRun.run),
      Workload(
        name: "celebrity",
        summary: """
          accounts with --followers F post at --rate R over all, each measured from when its post
          was due until another connection, its last follower's, sees it in HOME; first without,
          then with posts by the most popular account, --celebrity-rate C a second
          """, run: CelebrityRun.run),
      Workload(
        name: "push",
        summary: """
          C connections subscribe to their chats, M members in each chat; messages are said at
          --rate R on other connections and measured from when they were due until each arrival
          """, run: PushRun.run),
      Workload(
        name: "idle",
        summary: """
          opens C connections (logged in, with --tokens), holds them S seconds, and compares the
          server's resident memory before and then: by --server-pid, or METRICS with --tokens
          """, run: IdleRun.run),
    ]

  private static let requests: [Workload] = [
    Workload(name: "ping", summary: "PING") { try RequestWorkloads.run($0) { try $0.ping() } },
    Workload(name: "get", summary: "GET of a post at random") {
      try RequestWorkloads.run($0) { try $0.get() }
    },
    Workload(name: "home", summary: "HOME of --count N items with all that GET shows") {
      try RequestWorkloads.run($0) { try $0.home() }
    },
    Workload(name: "timeline", summary: "TIMELINE of somebody at random, --count N items") {
      try RequestWorkloads.run($0) { try $0.timeline() }
    },
    Workload(name: "like", summary: "LIKE of one post after another, then UNLIKE of all, and so on")
    {
      try RequestWorkloads.run($0) { try $0.like() }
    },
    Workload(
      name: "follow", summary: "FOLLOW of one after another, then UNFOLLOW of all, and so on"
    ) {
      try RequestWorkloads.run($0) { try $0.follow() }
    },
    Workload(name: "post", summary: "POST of a short text") {
      try RequestWorkloads.run($0) { try $0.post() }
    },
    Workload(name: "say", summary: "SAY of a short text in a chat of two, one for each connection")
    {
      try RequestWorkloads.run($0) { try $0.say() }
    },
  ]
}
