"""Who may do what: logging in, tokens, scopes, anonymous readers, a private server."""

import pytest

from town import PASSWORD, Person


def test_wrong_name_and_wrong_password_are_answered_alike(lines_town):
    ada = lines_town.person("ada")
    stranger = lines_town.stranger()
    answers = []
    for name, password in [(ada.name, "wrong but long"), ("nobody_at_all", "wrong but long")]:
        stranger.connection.send("AUTH", name, password)
        answers.append(stranger.connection.read_line())
    assert answers[0] == answers[1] and b"NOAUTH" in answers[0]
    assert stranger.ask("WHOAMI") is None


@pytest.mark.parametrize("name", ["ab", "a" * 31, "with space", "dash-ed", "ünï", ""])
def test_bad_usernames_are_invalid(lines_town, name):
    assert lines_town.stranger().refused("SIGNUP", name, PASSWORD) == "INVALID"


def test_usernames_of_3_and_30_characters_are_fine(lines_town):
    suffix = str(lines_town.number)
    short = ("z" + suffix).rjust(3, "y")[-3:]
    long = ("long" + suffix).ljust(30, "_")
    for name in (short, long):
        stranger = lines_town.stranger()
        assert stranger.ask("SIGNUP", name, PASSWORD)["username"] == name
        assert lines_town.stranger().refused("SIGNUP", name.upper(), PASSWORD) == "CONFLICT"


@pytest.mark.parametrize("length, is_fine", [(9, False), (10, True), (256, True), (257, False)])
def test_passwords_have_10_to_256_bytes(lines_town, length, is_fine):
    stranger = lines_town.stranger()
    name = lines_town.named(f"pw{length}")
    if is_fine:
        stranger.ask("SIGNUP", name, "p" * length)
        assert lines_town.stranger().ask("AUTH", name, "p" * length) == "OK"
    else:
        assert stranger.refused("SIGNUP", name, "p" * length) == "INVALID"


def test_strangers_read_what_is_public_and_write_nothing(lines_town):
    ada = lines_town.person("ada")
    post = ada.ask("POST", "for everybody")
    stranger = lines_town.stranger()
    assert stranger.ask("GET", post)["text"] == "for everybody"
    assert stranger.ask("TIMELINE", ada.name)["items"][0]["id"] == post
    assert stranger.ask("PROFILE", ada.name)["posts"] == 1
    for words in (["POST", "x"], ["LIKE", post], ["FOLLOW", ada.name], ["HOME"], ["INBOX"],
                  ["UNREAD"], ["CHATS"], ["TOKEN", "NEW"], ["SUBSCRIBE", "home"]):
        assert stranger.refused(*words) == "NOAUTH", words


def test_a_private_server_shows_strangers_nothing(make_server):
    with make_server("private", "--private") as server:
        ada = Person("lines", server.port)
        ada.ask("SIGNUP", "ada", PASSWORD)
        post = ada.ask("POST", "for us")
        stranger = Person("lines", server.port)
        for words in (["GET", post], ["TIMELINE", "ada"], ["PUBLIC"], ["TRENDING"],
                      ["PROFILE", "ada"], ["TAG", "us"], ["THREAD", post]):
            assert stranger.refused(*words) == "NOAUTH", words
        assert stranger.ask("PING") == "PONG"


def test_a_token_expires(lines_town):
    ada = lines_town.person("ada")
    token = ada.ask("TOKEN", "NEW", "TTL", 1)["token"]
    holder = lines_town.stranger()
    assert holder.ask("AUTH", token) == "OK"
    from harness.server import wait_until
    stranger = lines_town.stranger()

    def is_refused():
        from harness.clients import Refused
        try:
            stranger.ask("AUTH", token)
        except Refused as refusal:
            return refusal.code == "NOAUTH"
        return False

    assert wait_until(is_refused, timeout_s=5, every_s=0.2)


def test_admin_token_is_for_its_owner_only(shared_server):
    import os
    import stat
    path = os.path.join(shared_server.data, "admin.token")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_passwords_and_tokens_are_not_in_the_data_directory(make_server):
    import pathlib
    with make_server() as server:
        ada = Person("lines", server.port)
        ada.ask("SIGNUP", "ada", "a very secret password")
        token = ada.ask("TOKEN", "NEW")["token"]
        ada.ask("POST", "a very personal sentence")
        admin = Person("lines", server.port)
        admin.ask("AUTH", server.admin_token())
        admin.ask("SNAPSHOT")
        assert server.terminate() == 0
    for path in pathlib.Path(server.data).rglob("*"):
        if path.is_file() and path.name != "admin.token":
            content = path.read_bytes()
            for secret in ("a very secret password", token, "a very personal sentence"):
                assert secret.encode() not in content, f"{path} holds {secret!r}"
