"""Thousands of real connections on one channel, resumed ones and slow ones among them."""

import asyncio
import json
import resource
import subprocess
import time

import pytest

from harness.clients import Lines, client
from harness.server import binary
from town import PASSWORD

CONNECTIONS = 2_000
POSTS = 30


@pytest.fixture(scope="module", autouse=True)
def descriptors():
    """Room for all those connections on this side too."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def unlimited():
    """The flags of a server that lets anybody write as fast as they can."""
    text = subprocess.run([binary(), "serve", "--help"], capture_output=True, text=True).stdout
    return ["--limits", "off"] if "--limits" in text else []


async def reader(port, channel, count, ready, start):
    """Subscribes, says that it has, and reads so many messages: their positions and posts."""
    stream, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    writer.write(f"SUBSCRIBE {channel}\n".encode())
    assert json.loads(await stream.readline())[0] == "subscribe"
    ready.release()
    await start.wait()
    seen = []
    for _ in range(count):
        event = json.loads(await asyncio.wait_for(stream.readline(), 60))["message"]["event"]
        seen.append((event["at"], event["post"]["id"]))
    # And nothing more.
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(stream.readline(), 0.5)
    writer.close()
    return seen


async def subscribed(port, channel, count, act):
    """What so many readers of a channel see of what `act` does once all have subscribed."""
    ready, start = asyncio.Semaphore(0), asyncio.Event()
    start.set()
    tasks = []
    for at in range(0, CONNECTIONS, 100):
        batch = [asyncio.create_task(reader(port, channel, count, ready, start))
                 for _ in range(min(100, CONNECTIONS - at))]
        tasks += batch
        for _ in batch:
            await ready.acquire()
    expected = await asyncio.to_thread(act)
    return expected, await asyncio.gather(*tasks)


@pytest.mark.parametrize("kind", ["public", "tag"])
def test_thousands_hear_everything_once_and_in_order(make_server, kind):
    with make_server("data", "--shards", 2, *unlimited()) as server:
        with Lines(server.port) as writer:
            writer.ask("SIGNUP", "ada", PASSWORD)

            def write():
                slowest, posts = 0, []
                for n in range(POSTS):
                    began = time.monotonic()
                    posts.append(writer.ask("POST", f"number {n} #many"))
                    slowest = max(slowest, time.monotonic() - began)
                print(f"slowest post among {CONNECTIONS} subscribers: {slowest * 1000:.0f} ms")
                return posts

            channel = "public" if kind == "public" else "tag:many"
            posts, readings = asyncio.run(subscribed(server.port, channel, POSTS, write))
        assert len(readings) == CONNECTIONS
        for seen in readings:
            assert [post for _, post in seen] == posts
            assert [at for at, _ in seen] == sorted({at for at, _ in seen})


@pytest.mark.parametrize("version", [2, 3])
def test_every_open_channel_by_redis_py(shared_server, lines_town, version):
    ada, ben = lines_town.people("ada", "ben")
    post = ada.ask("POST", f"hello #many{lines_town.number}")
    connection = client(shared_server.port, version)
    pubsub = connection.pubsub(ignore_subscribe_messages=True)
    pubsub.subscribe("public", f"user:{ada.name}", f"tag:many{lines_town.number}", f"post:{post}")
    assert all(pubsub.get_message(timeout=5) is None for _ in range(4))
    ben.ask("LIKE", post)
    second = ada.ask("POST", f"again #many{lines_town.number}")
    seen = {}
    while len(seen) < 4:
        message = pubsub.get_message(timeout=10)
        if message is None:
            continue
        event = json.loads(message["data"])
        if event["event"] == "like" or event["post"]["author"] == ada.name:
            seen[message["channel"]] = event
    assert seen[f"post:{post}"]["likes"] == 1
    for channel in ("public", f"user:{ada.name}", f"tag:many{lines_town.number}"):
        assert seen[channel]["event"] == "post" and seen[channel]["post"]["id"] == second
    pubsub.close()
    connection.close()


def test_friends_see_each_other_come_and_go(town):
    ada, ben = town.people("ada", "ben")
    ada.ask("FOLLOW", ben.name)
    ben.ask("FOLLOW", ada.name)
    watcher = town.again(ada)
    watcher.subscribe("presence")
    [status] = [as_presence(item) for item in ada.ask_raw("PRESENCE", ben.name)]
    assert status == {"username": ben.name, "status": "online", "last_seen": None}
    ben.close()
    channel, event = watcher.next_push()
    assert channel == "presence"
    assert (event["event"], event["username"], event["status"]) == (
        "presence", ben.name, "offline")
    assert event["last_seen"] > 1_600_000_000_000
    town.again(ben)
    event = watcher.next_push()[1]
    assert (event["status"], event["last_seen"]) == ("online", None)


def as_presence(item):
    return item if isinstance(item, dict) else dict(zip(item[::2], item[1::2]))


def test_typing_reaches_the_other_members(town):
    ada, ben = town.people("ada", "ben")
    chat = ada.ask("CHAT", "NEW", ben.name, "TITLE", "two")
    watcher = town.again(ben)
    watcher.subscribe(f"chat:{chat}")
    assert ada.ask("TYPING", chat) == "OK"
    event = watcher.next_push()[1]
    assert (event["event"], event["username"], event["chat"]) == ("typing", ada.name, chat)
    assert event["until"] > 1_600_000_000_000


def test_a_subscription_from_the_beginning_is_read_at_its_readers_pace(make_server):
    """What is replayed is far more than a connection may have waiting."""
    with make_server("data", *unlimited()) as server, Lines(server.port) as writer:
        writer.ask("SIGNUP", "ada", PASSWORD)
        text = "x" * 4_900
        posts = []
        for at in range(0, 4_000, 100):
            for n in range(at, at + 100):
                writer.send("POST", f"{n} {text}")
            posts += [writer.read() for _ in range(100)]
        with Lines(server.port) as slow:
            slow.send("SUBSCRIBE", "public@0")
            assert slow.read()[0] == "subscribe"
            time.sleep(1)
            writer.ask("POST", "live")
            for post in posts:
                assert slow.next_push()["event"]["post"]["id"] == post
            assert slow.next_push()["event"]["post"]["text"] == "live"
