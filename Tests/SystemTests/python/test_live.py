"""Live channels: pushes as they happen, resumed by position without a gap or a repetition."""

import json

import pytest
import redis

from harness.clients import client
from town import PASSWORD, Person, Town


@pytest.mark.parametrize("version", [2, 3])
def test_redis_py_pub_sub(shared_server, lines_town, version):
    ada, ben = lines_town.people("ada", "ben")
    ada.ask("FOLLOW", ben.name)
    connection = client(shared_server.port, version, username=ada.name, password=PASSWORD)
    pubsub = connection.pubsub()
    pubsub.subscribe("home", "inbox", "chats")
    for number in (1, 2, 3):
        confirmed = pubsub.get_message(timeout=10)
        assert (confirmed["type"], confirmed["data"]) == ("subscribe", number)
    post = ben.ask("POST", f"to @{ada.name}")
    ben.ask("DM", ada.name, "and to you")
    seen = {}
    while set(seen) != {"home", "inbox", "chats"}:
        message = pubsub.get_message(timeout=10)
        assert message["type"] == "message"
        event = json.loads(message["data"])
        if event["event"] != "chat":
            seen[message["channel"]] = event
    assert seen["home"]["post"]["id"] == post
    assert seen["inbox"]["item"]["kind"] == "mention" and seen["inbox"]["unread"] == 1
    assert seen["chats"]["message"]["text"] == "and to you"
    pubsub.unsubscribe("home")
    assert pubsub.get_message(timeout=10)["type"] == "unsubscribe"
    ben.ask("POST", "not any more")
    assert pubsub.get_message(timeout=0.3) is None
    pubsub.close()
    connection.close()


def test_a_subscription_resumes_exactly_where_it_stopped(town):
    ada, ben = town.people("ada", "ben")
    ada.ask("FOLLOW", ben.name)
    first = town.again(ada)
    first.subscribe("home")
    known = ben.ask("POST", "seen live")
    _, event = first.next_push()
    assert event["post"]["id"] == known
    first.close()
    missed = [ben.ask("POST", f"missed {n}") for n in range(25)]
    second = town.again(ada)
    second.subscribe(f"home@{event['at']}")
    live = ben.ask("POST", "live again")
    seen = [second.next_push()[1] for _ in range(26)]
    assert [item["post"]["id"] for item in seen] == missed + [live]
    positions = [item["at"] for item in seen]
    assert positions == sorted(set(positions))


def test_resuming_while_others_write_neither_skips_nor_repeats(lines_town):
    ada, ben = lines_town.people("ada", "ben")
    ada.ask("FOLLOW", ben.name)
    start = lines_town.admin().ask("JOURNAL", "INFO")["durable"]
    for n in range(200):
        ben.connection.send("POST", f"number {n}")
    watcher = lines_town.again(ada)
    watcher.subscribe(f"home@{start}")
    posts = [ben.connection.read() for _ in range(200)]
    assert [watcher.next_push()[1]["post"]["id"] for _ in range(200)] == posts
    assert watcher.connection.is_quiet()


def test_a_subscription_resumes_across_a_crash(make_server):
    server = make_server().start()
    with Town(server, "lines") as town:
        ada, ben = town.people("ada", "ben")
        ada.ask("FOLLOW", ben.name)
        watcher = town.again(ada)
        watcher.subscribe("home")
        ben.ask("POST", "before")
        at = watcher.next_push()[1]["at"]
        missed = ben.ask("POST", "missed")
        server.kill()
    server.start()
    again = Person("lines", server.port)
    again.ask("AUTH", ada.name, PASSWORD)
    again.subscribe(f"home@{at}")
    assert again.next_push()[1]["post"]["id"] == missed


def test_a_position_that_is_not_there_yet_is_refused(lines_town):
    ada = lines_town.person("ada")
    assert ada.refused("SUBSCRIBE", "home@999999999") == "INVALID"
    assert ada.refused("SUBSCRIBE", "home@x") == "INVALID"
    assert ada.refused("SUBSCRIBE", "nonsense") == "INVALID"


def test_members_alone_hear_a_chat(lines_town):
    ada, ben, cleo = lines_town.people("ada", "ben", "cleo")
    chat = ada.ask("CHAT", "NEW", ben.name, "TITLE", "two")
    assert cleo.refused("SUBSCRIBE", f"chat:{chat}") == "NOTFOUND"
    watcher = lines_town.again(ben)
    watcher.subscribe(f"chat:{chat}")
    message = ada.ask("SAY", chat, "hello")
    channel, event = watcher.next_push()
    assert channel == f"chat:{chat}"
    assert event["event"] == "message" and event["message"]["id"] == message
    ben.ask("READ", chat, message)
    event = watcher.next_push()[1]
    assert (event["event"], event["by"], event["read"]) == ("read", ben.name, message)
    ben.ask("CHAT", "LEAVE", chat)
    event = watcher.next_push()[1]
    assert (event["event"], event["change"], event["members"]) == ("members", "left", [ben.name])
    ada.ask("SAY", chat, "gone?")
    assert watcher.connection.is_quiet()


def test_what_one_may_not_see_is_not_pushed(lines_town):
    ada, ben = lines_town.people("ada", "ben")
    ada.ask("FOLLOW", ben.name)
    tag = f"quiet{lines_town.number}"
    watcher = lines_town.again(ada)
    watcher.subscribe("home", f"tag:{tag}")
    ben.ask("POST", f"private #{tag}", "VISIBILITY", "private")
    ben.ask("POST", f"friends #{tag}", "VISIBILITY", "friends")
    hidden = ben.ask("POST", "hidden for ever", "VISIBILITY", "private")
    ben.ask("DELETE", hidden)
    assert watcher.connection.is_quiet()
    shown = ben.ask("POST", "followers", "VISIBILITY", "followers")
    channel, event = watcher.next_push()
    assert channel == "home" and event["post"]["id"] == shown


def test_other_commands_work_while_subscribed(town):
    ada = town.person("ada")
    ada.subscribe("home")
    if town.dialect == "resp2":
        assert ada.ask("PING") in ("PONG", ["pong", ""])
    else:
        assert ada.ask("PING") == "PONG"


def test_a_reader_that_does_not_read_harms_nobody(shared_server, lines_town):
    ada, ben, cleo = lines_town.people("ada", "ben", "cleo")
    chat = ben.ask("CHAT", "NEW", ada.name, cleo.name, "TITLE", "flood")
    lazy, eager = lines_town.again(ada), lines_town.again(cleo)
    lazy.subscribe(f"chat:{chat}")
    eager.subscribe(f"chat:{chat}")
    text = "x" * 4_900
    for n in range(3_000):
        ben.connection.send("SAY", chat, text)
        if n % 50 == 49:
            for _ in range(50):
                ben.connection.read()
                assert eager.next_push()[1]["event"] == "message"
    assert ben.ask("PING") == "PONG"
    received = 0
    with pytest.raises((EOFError, ConnectionError, redis.exceptions.RedisError)):
        while True:
            received += len(lazy.connection.read_line())
    assert received < 15_000_000, "the server does not hold without bound what is not read"
