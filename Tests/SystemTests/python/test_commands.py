"""Commands in every dialect. That none is without an example, see test_examples."""

import json

import pytest

from town import PASSWORD, Person, as_map, newest_first


def test_connection_commands(town):
    ada = town.person("ada")
    assert ada.ask("PING") == "PONG"
    assert ada.ask("PING", "hello there") == "hello there"
    assert ada.ask("ECHO", "näh \"quoted\"\n") == "näh \"quoted\"\n"
    assert ada.ask("SELECT", 0) == "OK"
    assert ada.refused("SELECT", 1) in ("INVALID", "ERR")
    seconds, microseconds = ada.ask("TIME")
    assert int(seconds) > 1_700_000_000 and 0 <= int(microseconds) < 1_000_000
    number = ada.ask("CLIENT", "ID")
    assert isinstance(number, int) and number > 0
    assert ada.ask("CLIENT", "GETNAME") is None
    assert ada.ask("CLIENT", "SETNAME", "desk") == "OK"
    assert ada.ask("CLIENT", "GETNAME") == "desk"
    assert ada.ask("CLIENT", "SETINFO", "lib-name", "mine") == "OK"
    info = ada.ask("CLIENT", "INFO")
    assert f"id={number} " in info and "name=desk" in info and "lib-name=mine" in info
    assert ada.refused("CLIENT", "LIST") == "DENIED"
    assert ada.refused("NOSUCH", "thing") == "ERR"
    assert ada.refused("PING", "a", "b") == "ERR"


def test_hello_and_reset(town):
    ada = town.person("ada")
    protocol = {"lines": 2, "resp2": 2, "resp3": 3}[town.dialect]
    hello = ada.ask("HELLO", protocol)
    assert hello["server"] == "roost" and hello["proto"] == protocol
    hello = ada.ask("HELLO", protocol, "AUTH", ada.name, PASSWORD, "SETNAME", "x")
    assert hello["proto"] == protocol
    assert ada.ask("WHOAMI")["username"] == ada.name
    assert ada.refused("HELLO", 4) in ("NOPROTO", "INVALID", "ERR")
    assert ada.ask("RESET") == "RESET"
    assert ada.ask("HELLO", protocol)["proto"] == protocol
    assert ada.ask("WHOAMI") is None


def test_verify_export_and_erase(town):
    ada, ben = town.people("ada", "ben")
    assert town.admin().ask("VERIFY", ada.name, "on") == "OK"
    assert ben.ask("PROFILE", "@" + ada.name)["verified"] == 1
    assert ada.ask("PROFILE", "SET", "email", "ada@mail.example") == "OK"
    ada.ask("POST", "mine alone")
    part = json.loads(ada.ask("EXPORT"))
    assert set(part) == {"account", "events", "cursor", "end"}
    assert part["end"] == 1 and part["cursor"] is None
    assert part["account"]["email"] == "ada@mail.example" and part["account"]["verified"] is True
    assert "mine alone" in [event.get("text", {}).get("text") for event in part["events"]]
    assert ada.refused("ERASE", "not the password") == "DENIED"
    assert ada.ask("ERASE", PASSWORD) == "OK"
    with pytest.raises(Exception):
        ada.ask("PING")
    assert ben.refused("PROFILE", ada.name) == "GONE"


def test_quit_answers_and_closes(town):
    ada = town.stranger()
    assert ada.ask("QUIT") == "OK"
    with pytest.raises(Exception):
        ada.ask("PING")


def test_command_describes_itself(town):
    ada = town.stranger()
    names = ada.ask("COMMAND", "LIST")
    assert ada.ask("COMMAND", "COUNT") == len(names)
    assert len(ada.ask_raw("COMMAND")) == len(names)
    described = ada.ask_raw("COMMAND", "INFO", "post", "nosuch")
    assert described[0][0] == "post" and described[0][1] < 0 and described[1] is None
    docs = as_map(ada.ask_raw("COMMAND", "DOCS"))
    firsts = {name.replace("|", " ").split(" ")[0] for name in names}
    assert set(docs) == firsts
    post = as_map(docs["post"])
    assert post["summary"].endswith(".") and post["since"]
    only = as_map(ada.ask_raw("COMMAND", "DOCS", "follow"))
    assert list(only) == ["follow"]
    assert any("FOLLOW" in line for line in ada.ask("HELP"))
    assert any("FOLLOW" in line for line in ada.ask("HELP", "FOLLOW"))


def test_account_commands(town):
    stranger = town.stranger()
    name = town.named("ada")
    reply = stranger.ask(
        "SIGNUP", name.upper(), PASSWORD, "EMAIL", "ada@example.org", "NAME", "Ada L.")
    assert reply["username"] == name and reply["id"].isdigit()
    assert stranger.ask("WHOAMI") == {"id": reply["id"], "username": name, "scope": "write"}
    assert stranger.ask("LOGOUT") == "OK"
    assert stranger.ask("WHOAMI") is None
    assert stranger.ask("AUTH", name, PASSWORD) == "OK"
    assert stranger.ask("PASSWORD", PASSWORD, "another long secret") == "OK"
    other = town.stranger()
    assert other.refused("AUTH", name, PASSWORD) == "NOAUTH"
    assert other.ask("AUTH", name, "another long secret") == "OK"
    assert stranger.ask("PROFILE", "SET", "bio", "Counts.") == "OK"
    profile = other.ask("PROFILE", name)
    assert {
        "id": reply["id"], "username": name, "name": "Ada L.", "bio": "Counts.", "avatar": None,
        "verified": 0, "private": 0, "followers": 0, "following": 0, "posts": 0,
    }.items() <= profile.items()
    assert abs(profile["created_at"] - int(other.ask("TIME")[0]) * 1000) < 60_000


def test_token_commands(town):
    ada = town.person("ada")
    made = ada.ask("TOKEN", "NEW", "LABEL", "phone", "SCOPE", "read", "TTL", 3600)
    assert set(made) == {"id", "token"}
    reader = town.stranger()
    assert reader.ask("AUTH", made["token"]) == "OK"
    assert reader.ask("WHOAMI")["scope"] == "read"
    assert reader.refused("POST", "no") == "DENIED"
    listed = ada.ask("TOKEN", "LIST")
    assert [token["id"] for token in listed] == [made["id"]]
    assert listed[0]["label"] == "phone" and made["token"] not in str(listed)
    assert ada.refused("TOKEN", "NEW", "SCOPE", "admin") == "DENIED"
    assert ada.ask("TOKEN", "REVOKE", made["id"]) == "OK"
    assert town.stranger().refused("AUTH", made["token"]) == "NOAUTH"


def test_a_service_token_acts_for_others(town):
    ada = town.person("ada")
    admin = town.admin()
    token = admin.ask("TOKEN", "NEW", "SCOPE", "service")["token"]
    service = town.stranger()
    assert service.ask("AUTH", token) == "OK"
    post = service.ask("AS", ada.name, "POST", "written by a back end")
    assert service.ask("GET", post)["author"] == ada.name
    assert service.ask("AS", ada.name, "UNREAD") == 0
    assert service.refused("AS", town.named("nobody"), "HOME") == "NOTFOUND"
    assert ada.refused("AS", ada.name, "HOME") == "DENIED"
    assert service.refused("AS", ada.name, "AUTH", "x") == "DENIED"


def test_relation_commands(town):
    ada, ben = town.people("ada", "ben")
    assert ada.ask("FOLLOW", ben.name) == "following"
    assert ada.ask("FOLLOW", ben.name) == "following"
    assert ada.ask("RELATION", ben.name) == {
        "following": 1, "followed_by": 0, "requested": 0, "blocking": 0, "blocked_by": 0,
        "muting": 0}
    assert ben.ask("RELATION", ada.name)["followed_by"] == 1
    assert ada.ask("FOLLOWERS", ben.name) == {"items": [ada.name], "cursor": None, "end": 1}
    assert ada.ask("FOLLOWING", ada.name)["items"] == [ben.name]
    assert ada.ask("UNFOLLOW", ben.name) == "OK"
    assert ada.ask("MUTE", ben.name) == "OK"
    assert ada.ask("RELATION", ben.name)["muting"] == 1
    assert ada.ask("UNMUTE", ben.name) == "OK"
    assert ada.ask("BLOCK", ben.name) == "OK"
    assert ada.ask("RELATION", ben.name)["blocking"] == 1
    assert ben.ask("RELATION", ada.name)["blocked_by"] == 0
    assert ben.refused("FOLLOW", ada.name) == "NOTFOUND"
    assert ada.ask("UNBLOCK", ben.name) == "OK"
    assert ben.ask("FOLLOW", ada.name) == "following"
    assert ada.refused("FOLLOW", town.named("nobody")) == "NOTFOUND"
    assert ada.refused("FOLLOW", ada.name) == "INVALID"


def test_follow_requests(town):
    ada, ben, cleo = town.people("ada", "ben", "cleo")
    assert ada.ask("PROFILE", "SET", "private", "on") == "OK"
    assert ben.ask("FOLLOW", ada.name) == "requested"
    assert cleo.ask("FOLLOW", ada.name) == "requested"
    assert sorted(ada.pages("REQUESTS", count=1)) == [ben.name, cleo.name]
    assert ada.ask("ACCEPT", ben.name) == "OK"
    assert ada.ask("REJECT", cleo.name) == "OK"
    assert ada.ask("REQUESTS") == {"items": [], "cursor": None, "end": 1}
    assert ada.ask("FOLLOWERS", ada.name)["items"] == [ben.name]
    assert ben.ask("RELATION", ada.name)["following"] == 1
    assert cleo.ask("RELATION", ada.name)["requested"] == 0


def test_post_commands(town):
    ada, ben = town.people("ada", "ben")
    text = f"Hello @{ben.name}, a #Test of #Überraschung"
    post = ada.ask("POST", text, "WARNING", "loud", "VISIBILITY", "public")
    reply = ben.ask("REPLY", post, "Heard")
    second = ada.ask("POST", "and on", "REPLY", reply)
    quote = ben.ask("POST", "look", "QUOTE", post)
    assert ben.ask("LIKE", post) == 1
    assert ben.ask("LIKE", post) == 1
    assert ben.ask("SHARE", post) == 1
    shown = ben.ask("GET", post)
    assert {
        "id": post, "author": ada.name, "author_id": ada.id, "kind": "text", "text": text,
        "visibility": "public", "status": "published", "edited_at": None, "expires_at": None,
        "reply_to": None, "root": post, "quote_of": None, "warning": "loud",
        "tags": ["test", "überraschung"], "mentions": [ben.name], "media": [], "poll": None,
        "likes": 1, "replies": 1, "shares": 1, "quotes": 1, "views": 0, "liked": 1, "shared": 1,
        "bookmarked": 0}.items() <= shown.items()
    assert ada.ask("GET", quote)["quote_of"] == post
    anonymous = town.stranger().ask("GET", post)
    assert "liked" not in anonymous and anonymous["text"] == text
    thread = ada.ask("THREAD", reply)
    assert [(item["id"], item["depth"]) for item in thread["items"]] == [
        (post, -1), (reply, 0), (second, 1)]
    assert ada.ids("THREAD", post, count=1) == [post, reply, second]
    assert ben.ask("UNLIKE", post) == 0
    assert ben.ask("UNSHARE", post) == 0
    assert ben.refused("DELETE", post) == "DENIED"
    assert ada.ask("DELETE", second) == "OK"
    assert ada.refused("GET", second) == "NOTFOUND"
    assert ada.refused("LIKE", second) == "NOTFOUND"
    assert ada.refused("POST", "  \n ") == "INVALID"
    assert ada.refused("GET", "abc") in ("INVALID", "NOTFOUND")


def test_list_commands(town):
    ada, ben, cleo = town.people("ada", "ben", "cleo")
    made = ada.ask("LIST", "NEW", "Physicists")
    assert made.isdigit()
    assert ada.ask("LIST", "ADD", made, cleo.name) == "OK"
    assert ada.ask("LIST", "ADD", made, "@" + ben.name) == "OK"
    assert ada.ask("LIST", "SHOW") == [{"id": made, "title": "Physicists", "members": 2}]
    assert ada.ask("LIST", "SHOW", made)["members"] == [cleo.name, ben.name]
    posts = [ben.ask("POST", f"number {n}") for n in range(3)]
    assert ada.ids("TIMELINE", "LIST", made, count=2) == newest_first(*posts)
    assert ada.ids("HOME") == []
    assert ada.ask("LIST", "REMOVE", made, ben.name) == "OK"
    assert ada.ids("TIMELINE", "LIST", made) == []
    assert ben.refused("LIST", "SHOW", made) == "NOTFOUND"
    assert ada.ask("LIST", "DROP", made) == "OK"
    assert ada.ask("LIST", "SHOW") == []


def test_hashtag_commands(town):
    ada, ben = town.people("ada", "ben")
    tag = f"quark{town.number}"
    assert ada.ask("HASHTAG", "FOLLOW", "#" + tag.upper()) == "OK"
    assert ada.ask("HASHTAG", "FOLLOW", tag + "s") == "OK"
    assert ada.pages("HASHTAGS", count=1) == [tag + "s", tag]
    post = ben.ask("POST", f"a #{tag}")
    assert ada.ids("HOME") == [post]
    assert ada.ask("HASHTAG", "UNFOLLOW", tag) == "OK"
    assert ada.ids("HOME") == []
    admin = town.admin()
    trending = lambda: tag in [trend["tag"] for trend in ada.ask("TRENDING", "TAGS", "COUNT", 200)]
    assert trending()
    assert admin.ask("HASHTAG", "REVIEW", tag, "deny") == "OK"
    assert not trending()
    assert admin.ask("HASHTAG", "REVIEW", tag, "allow") == "OK"
    assert trending()
    assert ada.refused("HASHTAG", "REVIEW", tag, "deny") == "DENIED"


def test_bookmark_commands(town):
    ada, ben = town.people("ada", "ben")
    posts = [ben.ask("POST", f"number {n}") for n in range(3)]
    for index in (1, 2, 0):
        assert ada.ask("BOOKMARK", posts[index]) == "OK"
    assert ada.ids("BOOKMARKS", count=2) == [posts[0], posts[2], posts[1]]
    assert ada.ask("GET", posts[1])["bookmarked"] == 1
    assert ada.ask("UNBOOKMARK", posts[1]) == "OK"
    assert ada.ask("GET", posts[1])["bookmarked"] == 0
    for index in (2, 1):
        assert ben.ask("PIN", posts[index]) == "OK"
    assert ada.ask("PROFILE", ben.name)["pinned"] == [posts[1], posts[2]]
    assert ben.ask("UNPIN", posts[1]) == "OK"
    assert ada.ask("PROFILE", ben.name)["pinned"] == [posts[2]]
    assert ada.refused("PIN", posts[2]) == "DENIED"


def test_moderation_commands(town):
    ada, ben = town.people("ada", "ben")
    admin = town.admin()
    post = ben.ask("POST", "buy this")
    about_post = ada.ask("REPORT", post, "spam")
    about_ben = ada.ask("REPORT", ben.name, "spams")
    mine = [item for item in admin.pages("REPORTS", count=1) if item["reporter"] == ada.name]
    assert [(item["id"], item["username"], item["post"], item["reason"]) for item in mine] == [
        (about_ben, ben.name, None, "spams"), (about_post, ben.name, post, "spam")]
    assert ada.refused("REPORTS") == "DENIED"
    assert admin.ask("MODERATE", post, "remove", "REASON", "spam") == "OK"
    assert ada.refused("GET", post) == "NOTFOUND"
    assert ben.ask("GET", post)["status"] == "removed"
    assert admin.ask("GET", post)["status"] == "removed"
    assert admin.ask("MODERATE", post, "restore") == "OK"
    assert ada.ask("GET", post)["status"] == "published"
    for report in (about_post, about_ben):
        assert admin.ask("REPORTS", "CLOSE", report) == "OK"
    assert not [item for item in admin.pages("REPORTS") if item["reporter"] == ada.name]


def test_reading_commands(town):
    ada, ben = town.people("ada", "ben")
    tag = f"tag{town.number}"
    ada.ask("FOLLOW", ben.name)
    posts = [ben.ask("POST", f"number {n} #{tag}") for n in range(5)]
    mine = ada.ask("POST", "mine")
    to_himself = ben.ask("REPLY", posts[0], "to myself")
    to_ada = ben.ask("REPLY", mine, "to you")
    assert ada.ids("HOME", count=2) == newest_first(to_ada, to_himself, mine, *posts)
    # As on Mastodon, an answer to oneself goes on with a post; it is no reply to anybody.
    assert ada.ids("TIMELINE", ben.name, count=2) == newest_first(to_himself, *posts)
    with_replies = ada.ids("TIMELINE", ben.name, "REPLIES", count=2)
    assert with_replies == newest_first(to_ada, to_himself, *posts)
    newest = newest_first(*posts)
    assert ada.ids("TAG", tag, count=3) == newest
    assert ada.ids("TAG", "#" + tag.upper()) == newest
    assert ada.ask("PUBLIC", "COUNT", 1)["items"][0]["id"] == newest_first(mine, to_himself)[0]
    trends = ada.ask("TRENDING", "TAGS", "COUNT", 200)
    mine = [trend for trend in trends if trend["tag"] == tag]
    assert len(mine) == 1 and mine[0]["accounts"] == 1
    ada.ask("LIKE", posts[2])
    liked = ada.ask("TRENDING", "POSTS", "COUNT", 200)
    assert posts[2] in [trend["post"]["id"] for trend in liked]
    assert ada.refused("HOME", "COUNT", 0) == "INVALID"
    assert ada.refused("HOME", "COUNT", 201) == "INVALID"
    assert ada.refused("HOME", "AFTER", "garbage") == "INVALID"
    assert town.stranger().refused("HOME") == "NOAUTH"


def test_inbox_commands(town):
    ada, ben, cleo = town.people("ada", "ben", "cleo")
    post = ada.ask("POST", "likeable")
    assert ada.ask("UNREAD") == 0
    ben.ask("LIKE", post)
    cleo.ask("LIKE", post)
    ben.ask("FOLLOW", ada.name)
    mention = cleo.ask("POST", f"hey @{ada.name}")
    assert ada.ask("UNREAD") == 3
    items = ada.ask("INBOX")["items"]
    assert [(item["kind"], item["actors"], item["count"], item["post"]) for item in items] == [
        ("mention", [cleo.name], 1, mention), ("follow", [ben.name], 1, None),
        ("like", [cleo.name, ben.name], 2, post)]
    assert all(item["read"] == 0 for item in items)
    assert ada.ask("INBOX", "READ", items[0]["id"]) == 2
    assert [item["kind"] for item in ada.ask("INBOX", "UNREAD")["items"]] == ["follow", "like"]
    assert ada.ask("INBOX", "READ", "ALL") == 0
    assert ada.ask("UNREAD") == 0
    ben.ask("UNLIKE", post)
    likes = [item for item in ada.ask("INBOX")["items"] if item["kind"] == "like"]
    assert likes[0]["actors"] == [cleo.name] and likes[0]["count"] == 1
    ben.ask("LIKE", post)
    assert ada.ask("UNREAD") == 0, "liking again does not notify again"
    assert ada.refused("INBOX", "READ", "12345") == "NOTFOUND"


def test_chat_commands(town):
    ada, ben, cleo = town.people("ada", "ben", "cleo")
    direct = ada.ask("CHAT", "NEW", ben.name)
    assert ben.ask("CHAT", "NEW", ada.name) == direct
    first = ada.ask("SAY", direct, "hi")
    second = ben.ask("DM", ada.name, "hello yourself")
    answer = ada.ask("SAY", direct, "good", "REPLY", second)
    history = ada.ask("HISTORY", direct)
    assert [(item["id"], item["author"], item["text"]) for item in history["items"]] == [
        (answer, ada.name, "good"), (second, ben.name, "hello yourself"), (first, ada.name, "hi")]
    assert history["items"][0]["reply_to"] == second
    group = ada.ask("CHAT", "NEW", ben.name, cleo.name, "TITLE", "Plans")
    ada.ask("SAY", group, "all here?")
    chats = cleo.ask("CHATS")["items"]
    assert [(item["id"], item["title"], item["unread"]) for item in chats] == [
        (group, "Plans", 1)]
    message = cleo.ask("HISTORY", group)["items"][0]["id"]
    assert cleo.ask("READ", group, message) == "OK"
    assert cleo.ask("CHATS")["items"][0]["unread"] == 0
    info = ben.ask("CHAT", "INFO", group)
    assert info["title"] == "Plans"
    assert [member["username"] for member in info["members"]] == [ada.name, ben.name, cleo.name]
    assert info["members"][2]["read"] == message
    assert cleo.ask("CHAT", "LEAVE", group) == "OK"
    assert cleo.refused("SAY", group, "anyone?") == "DENIED"
    assert ben.ids("CHATS", count=1) == [group, direct]
    assert cleo.refused("HISTORY", direct) == "NOTFOUND"
    assert cleo.refused("CHAT", "INFO", direct) == "NOTFOUND"


def test_draft_commands(town):
    ada, ben = town.people("ada", "ben")
    draft = ada.ask("POST", "a boson?", "DRAFT")
    assert ada.ids("DRAFTS") == [draft]
    assert ben.refused("GET", draft) == "NOTFOUND"
    assert ada.ask("EDIT", draft, "a boson!", "LINK", "https://cern.ch") == "OK"
    assert ada.ask("PUBLISH", draft) == draft
    assert ada.ids("DRAFTS") == []
    assert ada.ask("EDIT", draft, "the boson") == "OK"
    assert [edit["text"] for edit in ben.ask("EDITS", draft)["items"]] == ["the boson", "a boson!"]
    story = ada.ask("POST", "look", "STORY")
    group = ada.ask("STORIES")["items"][0]
    assert (group["author"], group["stories"][0]["id"]) == (ada.name, story)


def test_mark_commands(town):
    ada, ben = town.people("ada", "ben")
    post = ada.ask("POST", "which?", "POLL", 2, "yes", "no", "CLOSES", 60)
    assert ben.ask("GET", post)["poll"]["options"][1] == {"text": "no", "votes": None}
    assert ben.ask("VOTE", post, 1) == "OK"
    shown = ben.ask("GET", post)
    assert shown["kind"] == "poll" and shown["poll"]["voted"] == [1]
    assert shown["poll"]["options"][1] == {"text": "no", "votes": 1}
    assert ben.refused("VOTE", post, 0) == "CONFLICT"
    assert ben.ask("REACT", post, "🎉") == 1
    assert as_map(ada.ask("GET", post)["reactions"]) == {"🎉": 1}
    assert ben.ask("GET", post)["reacted"] == "🎉"
    assert ben.ask("UNREACT", post) == 0
    assert ben.refused("REACT", post, "no") == "INVALID"
    assert ben.ask("VIEW", post, "12345") == 1
    assert ben.ask("VIEW", post) == 0
    ben.ask("LIKE", post)
    ben.ask("SHARE", post)
    assert ada.ask("LIKES", post)["items"] == [ben.name]
    assert ada.ask("SHARES", post)["items"] == [ben.name]


def test_media_commands(town):
    ada = town.person("ada")
    picture = ada.ask("MEDIA", "ADD", "image", "https://example.org/bird.png", "ALT", "A bird")
    notes = ada.ask("CHAT", "NEW", ada.name)
    ada.ask("SAY", notes, "look", "MEDIA", picture)
    message = ada.ask("HISTORY", notes)["items"][0]
    assert message["media"] == [
        {"id": picture, "kind": "image", "url": "https://example.org/bird.png", "alt": "A bird"}]
    assert ada.refused("MEDIA", "ADD", "image", "example.org") == "INVALID"


def test_group_commands(town):
    ada, ben, cleo = town.people("ada", "ben", "cleo")
    group = ada.ask("CHAT", "NEW", ben.name, "TITLE", "Plans")
    assert ben.refused("CHAT", "ADD", group, cleo.name) == "DENIED"
    assert ada.ask("CHAT", "ADD", group, cleo.name) == "OK"
    assert cleo.ask("INBOX")["items"][0]["chat"] == group
    assert ada.ask("CHAT", "ROLE", group, ben.name, "admin") == "OK"
    assert ben.ask("CHAT", "TITLE", group, "Better plans") == "OK"
    message = cleo.ask("SAY", group, "oops")
    assert ada.ask("UNSAY", group, message) == "OK"
    shown = ben.ask("HISTORY", group)["items"][0]
    assert (shown["text"], shown["unsaid"], shown["media"]) == (None, 1, [])
    assert ben.ask("CHAT", "REMOVE", group, cleo.name) == "OK"
    info = ada.ask("CHAT", "INFO", group)
    assert info["title"] == "Better plans"
    assert [(member["username"], member["role"]) for member in info["members"]] == [
        (ada.name, "admin"), (ben.name, "admin")]


def test_live_commands(town):
    ada, ben = town.people("ada", "ben")
    tag = f"live{town.number}"
    ada.ask("FOLLOW", ben.name)
    watcher = town.again(ada)
    confirmed = watcher.subscribe("home", "inbox", f"tag:{tag}")
    assert [reply[0] for reply in confirmed] == ["subscribe"] * 3
    assert [reply[2] for reply in confirmed] == [1, 2, 3]
    post = ben.ask("POST", f"breaking #{tag}")
    seen = dict(watcher.next_push() for _ in range(2))
    assert seen["home"]["event"] == "post" and seen["home"]["post"]["id"] == post
    assert seen[f"tag:{tag}"]["post"]["text"] == f"breaking #{tag}"
    assert seen["home"]["at"] == seen[f"tag:{tag}"]["at"] > 0
    if town.dialect == "lines":
        ended = [watcher.ask("UNSUBSCRIBE", "home")]
    else:
        watcher.connection.send("UNSUBSCRIBE", "home")
        ended = [watcher.connection.read()]
    assert ended[0][:2] == ["unsubscribe", "home"]


def test_operating_commands(town):
    admin = town.admin()
    ada = town.person("ada")
    assert "journal_position:" in ada.ask("INFO")
    told = town.stranger().ask("INFO")
    assert [line.split(":")[0] for line in told.split("\r\n") if line] == [
        "# Server", "roost_version", "redis_version"]
    assert town.stranger().ask("INFO", "clients") == ""
    assert "shards:" in ada.ask("INFO", "server") and "# Journal" not in ada.ask("INFO", "server")
    for words in (["JOURNAL", "INFO"], ["PROJECTION", "LIST"], ["SNAPSHOT"], ["SHUTDOWN"],
                  ["PROJECTION", "DIGEST"], ["CLIENT", "LIST"], ["CLIENT", "KILL", "ID", "1"]):
        assert ada.refused(*words) == "DENIED"
        assert town.stranger().refused(*words) == "NOAUTH"
    info = admin.ask("JOURNAL", "INFO")
    assert info["skipped"] == 0 and info["position"] > 0 and len(info["hash"]) == 64
    names = {item["name"] for item in admin.ask("PROJECTION", "LIST")}
    assert {"home", "inbox", "trending"} <= names
    digests = as_map(admin.ask_raw("PROJECTION", "DIGEST"))
    assert digests["position"] > 0
    assert set(digests) == {"position"} | {f"projections.{name}" for name in names} | {
        f"entities.{kind}" for kind in ("users", "posts", "chats", "tags")}
    one = as_map(admin.ask_raw("PROJECTION", "DIGEST", "home"))
    assert set(one) == {"position", "projections.home"}
    assert admin.refused("PROJECTION", "DIGEST", "nosuch") == "NOTFOUND"
    assert admin.ask("SNAPSHOT")["position"] > 0
    assert f"user={ada.name}" in admin.ask("CLIENT", "LIST")
    number = ada.ask("CLIENT", "ID")
    assert admin.ask("CLIENT", "KILL", "ID", number) in (1, "OK")
    with pytest.raises(Exception):
        ada.ask("PING")


def test_shutdown_ends_cleanly(make_server, dialect):
    server = make_server().start()
    admin = Person(dialect, server.port)
    admin.ask("AUTH", server.admin_token())
    admin.connection.send("SHUTDOWN")
    assert server.wait() == 0, server.output
