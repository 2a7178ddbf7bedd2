internal import Engine

/// `roost-bench network`.
enum NetworkCommand {
  static let help = """
    usage: roost-bench network --data DIR [--people N] [--follows M] [--posts P] [--likes L]
                               [--shares H] [--tokens T] [--texts FILE] [--seed S]

    Makes a network in the new data directory DIR, the same from the same options: people with
    profiles, heavy-tailed follows, a week of posts with likes, shares and replies. Without options
    it has the numbers of the published system (1 091 000 people, 50 368 293 follows, 73 817 posts),
    five likes and one share for each post, and tokens for 10 000 people. Writes DIR/admin.token
    and DIR/tokens.json, from which roost-bench load takes whom to be. Prints JSON.
    """

  static func options(_ words: [String]) throws -> NetworkOptions {
    let words = try Words(
      words,
      values: [
        "data", "people", "follows", "posts", "likes", "shares", "tokens", "texts", "seed",
      ])
    var options = NetworkOptions(directory: try words.require("data"))
    let any = 0...Int.max
    options.people = try words.number("people", in: 2...NetworkOptions.peopleMax) ?? options.people
    options.follows = try words.number("follows", in: any) ?? options.follows
    options.posts = try words.number("posts", in: 0...NetworkOptions.postsMax) ?? options.posts
    options.likes = try words.number("likes", in: any) ?? options.posts * 5
    options.shares = try words.number("shares", in: any) ?? options.posts
    options.tokens = try words.number("tokens", in: 0...NetworkOptions.tokensMax) ?? options.tokens
    options.seed = UInt64(try words.number("seed", in: any) ?? 1)
    options.texts = words["texts"]
    return options
  }

  static func run(_ words: [String]) throws {
    print(try Network.make(options(words)).json.text)
  }
}
