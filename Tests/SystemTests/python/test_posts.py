"""What becomes of posts by the clock, across crashes too: schedules, polls, stories; and edits."""

import time

import pytest

from harness.clients import Refused
from town import Town


def now_ms(person):
    seconds, microseconds = person.ask("TIME")
    return int(seconds) * 1000 + int(microseconds) // 1000


def until(found, timeout_s=5):
    """What `found` gives, once it gives something; it is asked every 50 ms."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        time.sleep(0.05)
    pytest.fail(f"nothing came within {timeout_s} s")


def status(person, post):
    try:
        return person.ask("GET", post)["status"]
    except Refused as refused:
        return refused.code


def test_a_scheduled_post_is_published_by_itself(lines_town):
    ada, ben = lines_town.people("ada", "ben")
    ben.ask("FOLLOW", ada.name)
    due = now_ms(ada) + 1_500
    post = ada.ask("POST", "later", "AT", due)
    after = ada.ask("POST", "at once")
    assert status(ada, post) == "scheduled" and status(ben, post) == "NOTFOUND"
    assert ben.ids("HOME") == [after]
    assert ada.ids("DRAFTS") == [post]
    shown = until(lambda: status(ben, post) == "published" and ben.ask("GET", post))
    assert due <= shown["created_at"] <= due + 1_500
    assert ben.ids("HOME") == [post, after]
    assert ada.ids("DRAFTS") == []


def test_what_fell_due_while_the_server_was_down_is_done_at_its_start(make_server):
    server = make_server("data", "--shards", 2).start()
    with Town(server, "lines") as town:
        ada, ben = town.people("ada", "ben")
        due = now_ms(ada) + 1_500
        post = ada.ask("POST", "later", "AT", due)
        poll = ada.ask("POST", "Which?", "POLL", 2, "yes", "no", "CLOSES", 1)
        ben.ask("VOTE", poll, 1)
        assert status(ada, post) == "scheduled", "published before the server could be killed"
        server.kill()
    time.sleep(max(0, due / 1000 - time.time()) + 0.2)
    server.start()
    with Town(server, "lines") as town:
        reader, ben_again = town.stranger(), town.again(ben)
        shown = until(lambda: status(reader, post) == "published" and reader.ask("GET", post))
        assert due < shown["created_at"] <= now_ms(reader)
        assert reader.ids("PUBLIC")[0] == post
        assert until(lambda: ben_again.ask("INBOX")["items"])[0]["kind"] == "poll"
        published = shown["created_at"]
    server.kill()
    server.start()
    with Town(server, "lines") as town:
        time.sleep(1)
        assert town.stranger().ask("GET", post)["created_at"] == published, "published once"
        assert town.again(ben).ask("UNREAD") == 1, "told once"


def test_a_poll_closes(lines_town):
    ada, ben, cleo = lines_town.people("ada", "ben", "cleo")
    post = ada.ask("POST", "Which?", "POLL", 2, "yes", "no", "CLOSES", 1)
    closes = ada.ask("GET", post)["created_at"] + 1_000
    assert ben.ask("VOTE", post, 1) == "OK"
    poll = cleo.ask("GET", post)["poll"]
    if now_ms(cleo) < closes:
        assert [option["votes"] for option in poll["options"]] == [None, None]
    closed = until(lambda: cleo.ask("GET", post)["poll"]["closed"] and cleo.ask("GET", post))
    assert now_ms(cleo) >= closes
    assert closed["poll"]["options"] == [{"text": "yes", "votes": 0}, {"text": "no", "votes": 1}]
    assert cleo.refused("VOTE", post, 0) == "DENIED"
    for person in (ada, ben):
        item = until(lambda person=person: person.ask("INBOX")["items"])[0]
        assert (item["kind"], item["post"]) == ("poll", post)
    assert cleo.ask("UNREAD") == 0


def test_an_edited_post_after_a_restart(make_server):
    server = make_server().start()
    with Town(server, "lines") as town:
        ada, ben = town.people("ada", "ben")
        post = ada.ask("POST", f"one #old @{ben.name}", "WARNING", "w", "LINK", "https://cern.ch")
        draft = ada.ask("POST", "a draft", "DRAFT")
        for text in ("two #new", "three #new"):
            ada.ask("EDIT", post, text)
        ada.ask("EDIT", draft, "another draft")
        ben.ask("REACT", post, "👩‍🚀")
        ben.ask("VIEW", post)
        before = [ben.ask("GET", post), ben.pages("EDITS", post), ada.pages("DRAFTS")]
        assert [edit["text"] for edit in before[1]] == [
            "three #new", "two #new", f"one #old @{ben.name}"]
        assert before[0]["link"] == "https://cern.ch" and before[0]["warning"] == "w"
        assert before[0]["reactions"] == {"👩‍🚀": 1} and before[0]["views"] == 1
    for stop in (server.kill, server.terminate):
        stop()
        server.start()
        with Town(server, "lines") as town:
            ada, ben = town.again(ada), town.again(ben)
            assert [ben.ask("GET", post), ben.pages("EDITS", post), ada.pages("DRAFTS")] == before
            assert ben.ids("TAG", "new") == [post] and ben.ids("TAG", "old") == []
            assert ben.ask("UNREAD") == 0, "the mention is withdrawn"


def test_a_story(lines_town):
    ada, ben = lines_town.people("ada", "ben")
    ben.ask("FOLLOW", ada.name)
    first = ada.ask("POST", "Look", "STORY")
    second = ada.ask("POST", "Look again", "STORY", "LINK", "https://cern.ch")
    shown = ben.ask("GET", first)
    assert shown["expires_at"] == shown["created_at"] + 86_400_000
    assert (shown["status"], shown["kind"]) == ("published", "text")
    page = ben.ask("STORIES")
    assert [item["author"] for item in page["items"]] == [ada.name]
    assert page["items"][0]["stories"] == [shown, ben.ask("GET", second)]
    assert ben.ids("HOME") == [] and ben.ids("TIMELINE", ada.name) == []
    assert ben.refused("SHARE", first) == "INVALID"
    ada.ask("DELETE", first)
    assert [story["id"] for story in ben.ask("STORIES")["items"][0]["stories"]] == [second]
