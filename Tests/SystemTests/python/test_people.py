"""What people keep and moderators decide outlives restarts: with and without snapshots, on more
shards or fewer."""

from harness.server import run
from town import Town, newest_first


def seen(ada, ben, admin, made):
    """Every read that lists, bookmarks, pins, hashtags, reports and moderation go into."""
    return {
        "lists": ada.ask("LIST", "SHOW"),
        "members": ada.ask("LIST", "SHOW", made)["members"],
        "timeline": ada.pages("TIMELINE", "LIST", made, count=3),
        "home": ada.pages("HOME", count=3),
        "hashtags": ada.pages("HASHTAGS", count=1),
        "bookmarks": ada.pages("BOOKMARKS", count=2),
        "pinned": ada.ask("PROFILE", ben.name)["pinned"],
        "reports": admin.pages("REPORTS", count=1),
        "trends": admin.ask("TRENDING", "TAGS"),
    }


def live(ada, ben, cleo, admin, made, word):
    """Something new in each of them."""
    ada.ask("LIST", "NEW", f"List {word}")
    for person in (ben, cleo):
        ada.ask("LIST", "ADD", made, person.name)
    ada.ask("HASHTAG", "FOLLOW", word)
    ada.ask("HASHTAG", "FOLLOW", word + "not")
    ada.ask("HASHTAG", "UNFOLLOW", word + "not")
    posts = [cleo.ask("POST", f"on #{word}, number {n}") for n in range(4)]
    posts += [ben.ask("POST", f"more on #{word}s, number {n}") for n in range(4)]
    cleo.ask("SHARE", posts[5])
    for post in posts[:6:2]:
        ada.ask("BOOKMARK", post)
    ada.ask("UNBOOKMARK", posts[0])
    ben.ask("PIN", posts[4])
    ada.ask("REPORT", posts[1], f"too much {word}")
    closed = ada.ask("REPORT", cleo.name, f"she says {word}")
    admin.ask("REPORTS", "CLOSE", closed)
    admin.ask("MODERATE", posts[3], "remove", "REASON", "because")
    admin.ask("MODERATE", posts[2], "review")
    admin.ask("HASHTAG", "REVIEW", word + "s", "deny")
    return posts


def test_what_people_keep_outlives_restarts(make_server):
    server = make_server("data", "--shards", 2).start()
    with Town(server, "lines") as town:
        ada, ben, cleo = town.people("ada", "ben", "cleo")
        admin = town.admin()
        made = ada.ask("LIST", "NEW", "Physicists")
        posts = live(ada, ben, cleo, admin, made, "alpha")
        before = seen(ada, ben, admin, made)
        shown = newest_first(*posts[:2], *posts[4:])
        assert [item["id"] for item in before["timeline"]] == shown
        assert [item["id"] for item in before["home"]] == newest_first(*posts[:2])
        assert before["hashtags"] == ["alpha"] and before["pinned"] == [posts[4]]
        assert [item["id"] for item in before["bookmarks"]] == [posts[4]]
        assert [item["reason"] for item in before["reports"]] == ["too much alpha"]
        assert [trend["tag"] for trend in before["trends"]] == ["alpha"]
    for number, shards in enumerate((2, 3, 1)):
        server.kill() if number != 1 else server.terminate()
        server.flags = ["--shards", str(shards)]
        server.start()
        with Town(server, "lines") as town:
            ada, ben, cleo = (town.again(person) for person in (ada, ben, cleo))
            admin = town.admin()
            assert seen(ada, ben, admin, made) == before
            admin.ask("SNAPSHOT")
            live(ada, ben, cleo, admin, made, f"beta{shards}")
            before = seen(ada, ben, admin, made)
            assert len(before["pinned"]) == len(before["hashtags"]) == number + 2
    assert server.terminate() == 0, server.output
    assert run("verify", "--data", server.data).returncode == 0
