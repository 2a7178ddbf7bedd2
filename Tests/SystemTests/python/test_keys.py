"""Idempotency keys: the first reply again and nothing else, also after a crash."""

import pytest

from town import PASSWORD, Person, Town


def test_a_repeated_key_gets_the_first_reply_and_nothing_happens(town):
    ada, ben = town.people("ada", "ben")
    post = ada.ask("POST", "once", "KEY", "post-1")
    assert ada.ask("POST", "once", "KEY", "post-1") == post
    assert ada.ids("TIMELINE", ada.name) == [post]
    chat = ada.ask("CHAT", "NEW", ben.name, "TITLE", "once", "KEY", "chat-1")
    assert ada.ask("CHAT", "NEW", ben.name, "TITLE", "once", "KEY", "chat-1") == chat
    message = ada.ask("SAY", chat, "once", "KEY", "say-1")
    assert ada.ask("SAY", chat, "once", "KEY", "say-1") == message
    assert len(ada.pages("HISTORY", chat)) == 1
    assert ben.ask("LIKE", post, "KEY", "like-1") == 1
    assert ben.ask("UNLIKE", post) == 0
    assert ben.ask("LIKE", post, "KEY", "like-1") == 1
    assert ada.ask("GET", post)["likes"] == 0, "the repetition did not like again"


def test_a_key_used_for_another_request_is_a_conflict(town):
    ada = town.person("ada")
    post = ada.ask("POST", "one", "KEY", "k")
    assert ada.refused("POST", "two", "KEY", "k") == "CONFLICT"
    assert ada.refused("LIKE", post, "KEY", "k") == "CONFLICT"
    assert ada.ids("TIMELINE", ada.name) == [post]


def test_keys_of_different_people_are_different(town):
    ada, ben = town.people("ada", "ben")
    first, second = ada.ask("POST", "mine", "KEY", "k"), ben.ask("POST", "mine", "KEY", "k")
    assert first != second


def test_a_command_that_changed_nothing_keeps_its_answer_too(lines_town):
    ada, ben = lines_town.people("ada", "ben")
    post = ben.ask("POST", "liked already")
    ada.ask("LIKE", post)
    assert ada.ask("LIKE", post, "KEY", "k") == 1
    assert lines_town.person("cleo").ask("LIKE", post) == 2
    assert ada.ask("LIKE", post, "KEY", "k") == 1


@pytest.mark.parametrize("length, is_fine", [(0, False), (1, True), (128, True), (129, False)])
def test_a_key_has_1_to_128_bytes(lines_town, length, is_fine):
    ada = lines_town.person("ada")
    if is_fine:
        assert ada.ask("POST", "text", "KEY", "k" * length).isdigit()
    else:
        assert ada.refused("POST", "text", "KEY", "k" * length) == "INVALID"


def test_a_refused_command_leaves_its_key_free(lines_town):
    ada = lines_town.person("ada")
    assert ada.refused("POST", " ", "KEY", "k") == "INVALID"
    assert ada.ask("POST", "text", "KEY", "k").isdigit()


def test_a_sign_up_can_be_repeated_with_its_key(lines_town):
    name = lines_town.named("ada")
    first = lines_town.stranger().ask("SIGNUP", name, PASSWORD, "KEY", "k")
    other = lines_town.stranger()
    assert other.ask("SIGNUP", name, PASSWORD, "KEY", "k") == first
    assert other.ask("WHOAMI")["username"] == name
    stranger = lines_town.stranger()
    assert stranger.refused("SIGNUP", name, "another password", "KEY", "k") == "CONFLICT"
    assert stranger.refused("SIGNUP", name, PASSWORD) == "CONFLICT"


def test_the_same_key_at_once_on_many_connections_has_one_effect(lines_town):
    ada = lines_town.person("ada")
    others = [lines_town.again(ada) for _ in range(8)]
    for other in others:
        other.connection.send("POST", "raced", "KEY", "race")
    ids = {other.connection.read() for other in others}
    assert len(ids) == 1
    assert ada.ids("TIMELINE", ada.name) == list(ids)


def test_keys_survive_kill_9(make_server):
    server = make_server().start()
    with Town(server, "lines") as town:
        ada = town.person("ada")
        post = ada.ask("POST", "once", "KEY", "k")
        server.kill()
    server.start()
    again = Person("lines", server.port)
    again.ask("AUTH", ada.name, PASSWORD)
    assert again.ask("POST", "once", "KEY", "k") == post
    assert again.refused("POST", "other", "KEY", "k") == "CONFLICT"
    assert again.ids("TIMELINE", ada.name) == [post]
