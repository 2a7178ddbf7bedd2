"""The life of a group: three people who come, speak, leave and come back, with a restart between
that nobody notices. What is live is what history shows."""

from harness.server import run
from town import Town


def texts(person, chat):
    """What somebody may read, oldest first."""
    return [item["text"] for item in person.pages("HISTORY", chat, count=2)][::-1]


def members(person, chat):
    return [
        (member["username"], member["role"]) for member in
        person.ask("CHAT", "INFO", chat)["members"]]


def facts(person, chat):
    """All that somebody is shown of a chat and of their chats."""
    return {
        "info": person.ask("CHAT", "INFO", chat), "chats": person.pages("CHATS", count=1),
        "history": person.pages("HISTORY", chat, count=3), "inbox": person.pages("INBOX"),
        "unread": person.ask("UNREAD")}


def test_the_life_of_a_group(make_server):
    server = make_server("data", "--shards", 2).start()
    with Town(server, "lines") as town:
        ada, ben, cleo = town.people("ada", "ben", "cleo")
        group = ada.ask("CHAT", "NEW", ben.name, "TITLE", "The climbers")
        picture = ada.ask("MEDIA", "ADD", "image", "https://example.org/peak.jpg", "ALT", "A peak")
        first = ada.ask("SAY", group, "look at this", "MEDIA", picture)
        ben.ask("SAY", group, "beautiful", "REPLY", first)

        # Cleo comes late, hears what is said from then on, and is gone again.
        ears = town.again(cleo)
        ears.subscribe("chats")
        assert ada.ask("CHAT", "ADD", group, cleo.name) == "OK"
        cleo.ask("SAY", group, "hello you two")
        late = ben.ask("SAY", group, "oops, wrong chat")
        assert ben.ask("UNSAY", group, late) == "OK"
        assert ada.ask("CHAT", "REMOVE", group, cleo.name) == "OK"
        ada.ask("SAY", group, "between the two of us")
        assert ada.ask("CHAT", "TITLE", group, "Just us") == "OK"
        heard = [ears.next_push()[1] for _ in range(5)]
        assert [event["event"] for event in heard] == [
            "members", "message", "message", "unsaid", "members"]
        assert heard[-1]["change"] == "removed" and heard[-1]["members"] == [cleo.name]
        assert ears.connection.is_quiet(), "who was removed hears nothing after"
        assert texts(cleo, group) == ["hello you two", None]
        assert cleo.ask("CHATS")["items"] == [] and cleo.ask("INBOX")["items"] == []
        people = [ada, ben, cleo]
        before = [facts(person, group) for person in people]
        position = heard[-1]["at"]

    # A crash: from the journal, everything is as it was.
    server.kill()
    server.start()
    with Town(server, "lines") as town:
        ada, ben, cleo = [town.again(person) for person in people]
        assert [facts(person, group) for person in (ada, ben, cleo)] == before
        ears = town.again(cleo)
        ears.subscribe(f"chats@{position}")
        assert ears.connection.is_quiet()

        # She comes back, and reads both of her times and nothing between.
        assert ada.ask("CHAT", "ADD", group, cleo.name) == "OK"
        assert ears.next_push()[1]["change"] == "added"
        ada.ask("SAY", group, "welcome back")
        assert texts(cleo, group) == ["hello you two", None, "welcome back"]
        assert cleo.ask("CHATS")["items"][0]["unread"] == 2
        assert texts(ben, group) == [
            "look at this", "beautiful", "hello you two", None, "between the two of us",
            "welcome back"]

        # The admin goes: who joined first takes over.
        assert ada.ask("CHAT", "LEAVE", group) == "OK"
        assert members(cleo, group) == [(ben.name, "admin"), (cleo.name, "member")]
        assert ben.ask("CHAT", "LEAVE", group) == "OK"
        assert members(cleo, group) == [(cleo.name, "admin")]
        assert cleo.ask("CHAT", "TITLE", group) == "OK"
        assert cleo.ask("CHAT", "LEAVE", group) == "OK"
        people = [ada, ben, cleo]
        before = [facts(person, group) for person in people]
        assert [fact["info"]["title"] for fact in before] == ["Just us", "Just us", None]
        admin = town.admin()
        assert admin.ask("SNAPSHOT")["position"] > 0

    # An orderly end, and a start from the snapshot.
    assert server.terminate() == 0, server.output
    verified = run("verify", "--data", server.data)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    replayed = run("replay", "--data", server.data, "--entity", f"chat:{group}")
    assert replayed.returncode == 0 and "wrong chat" not in replayed.stdout
    server.start()
    with Town(server, "resp3") as town:
        again = [town.again(person) for person in people]
        assert [facts(person, group) for person in again] == before
        assert again[2].refused("SAY", group, "anybody?") == "DENIED"
