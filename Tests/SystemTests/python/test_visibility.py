"""Who sees a post: visibility by relation, on every path by which a post is shown."""

import pytest

VISIBILITIES = ["public", "followers", "friends", "private"]
RELATIONS = [
    "self", "follower", "friend", "followed", "stranger", "anonymous", "blocked", "blocker"]
SEEN = {
    "public": {"self", "follower", "friend", "followed", "stranger", "anonymous"},
    "followers": {"self", "follower", "friend"},
    "friends": {"self", "friend"},
    "private": {"self"},
}


@pytest.fixture(scope="module")
def cast(shared_server):
    """An author and one viewer for each relation, over lines."""
    from town import Town
    with Town(shared_server, "lines") as town:
        author = town.person("author")
        viewers = {"self": author, "anonymous": town.stranger()}
        for relation in RELATIONS:
            if relation not in viewers:
                viewers[relation] = town.person(relation)
        for relation in ("follower", "friend"):
            viewers[relation].ask("FOLLOW", author.name)
        for relation in ("friend", "followed"):
            author.ask("FOLLOW", viewers[relation].name)
        author.ask("BLOCK", viewers["blocked"].name)
        viewers["blocker"].ask("BLOCK", author.name)
        tag = f"seen{town.number}"
        posts = {
            visibility: author.ask("POST", f"{visibility} #{tag}", "VISIBILITY", visibility)
            for visibility in VISIBILITIES}
        yield author, viewers, posts, tag


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_a_post_is_seen_by_whom_it_is_for(cast, visibility, relation):
    author, viewers, posts, tag = cast
    viewer, post = viewers[relation], posts[visibility]
    is_seen = relation in SEEN[visibility]
    if is_seen:
        assert viewer.ask("GET", post)["text"] == f"{visibility} #{tag}"
        assert viewer.ask("THREAD", post)["items"][0]["id"] == post
    else:
        hidden = viewer.connection
        hidden.send("GET", post)
        as_hidden = hidden.read_line()
        hidden.send("GET", "1")
        assert as_hidden == hidden.read_line(), "hidden is answered like what does not exist"
        assert viewer.refused("THREAD", post) == "NOTFOUND"
    if relation in ("blocked", "blocker"):
        timeline = []
        assert viewer.refused("TIMELINE", author.name) == "NOTFOUND"
    else:
        timeline = viewer.ids("TIMELINE", author.name)
    assert (post in timeline) == is_seen
    is_listed = is_seen and visibility == "public"
    assert (post in viewer.ids("TAG", tag)) == is_listed
    if relation != "anonymous":
        follows = relation in ("self", "follower", "friend")
        assert (post in viewer.ids("HOME")) == (is_seen and follows)
        if not is_seen:
            for words in (["LIKE", post], ["SHARE", post], ["REPLY", post, "x"],
                          ["POST", "x", "QUOTE", post]):
                assert viewer.refused(*words) == "NOTFOUND", words


def test_a_private_account_is_closed_to_strangers_on_every_path(lines_town):
    ada, ben, cleo = lines_town.people("ada", "ben", "cleo")
    tag = f"closed{lines_town.number}"
    ada.ask("PROFILE", "SET", "private", "on")
    ben.ask("FOLLOW", ada.name)
    ada.ask("ACCEPT", ben.name)
    post = ada.ask("POST", f"among us #{tag}")
    assert ben.ask("GET", post)["id"] == post
    assert ben.ids("HOME") == [post]
    for viewer in (cleo, lines_town.stranger()):
        assert viewer.refused("GET", post) == "NOTFOUND"
        assert viewer.ids("TAG", tag) == []
        assert post not in viewer.ids("PUBLIC")
        for words in (["TIMELINE", ada.name], ["FOLLOWERS", ada.name], ["FOLLOWING", ada.name]):
            assert viewer.refused(*words) in ("DENIED", "NOTFOUND"), words


def test_a_block_hides_each_from_the_other_and_ends_follows(lines_town):
    ada, ben, cleo = lines_town.people("ada", "ben", "cleo")
    ada.ask("FOLLOW", ben.name)
    ben.ask("FOLLOW", ada.name)
    cleo.ask("FOLLOW", ben.name)
    post = ben.ask("POST", f"about @{ada.name}")
    ada.ask("BLOCK", ben.name)
    assert ada.ask("RELATION", ben.name)["following"] == 0
    assert ada.ask("RELATION", ben.name)["followed_by"] == 0
    assert ada.ids("HOME") == [] and post not in ada.ids("PUBLIC")
    assert ben.refused("DM", ada.name, "why") in ("NOTFOUND", "DENIED")
    assert cleo.ids("HOME") == [post]
    before = ada.ask("UNREAD")
    ben.ask("POST", f"still about @{ada.name}")
    assert ada.ask("UNREAD") == before


def test_a_mute_silences_home_and_inbox(lines_town):
    ada, ben = lines_town.people("ada", "ben")
    ada.ask("FOLLOW", ben.name)
    mine = ada.ask("POST", "mine")
    ada.ask("MUTE", ben.name)
    ben.ask("POST", f"noise @{ada.name}")
    ben.ask("LIKE", mine)
    assert ada.ids("HOME") == [mine]
    assert ada.ask("UNREAD") == 0
    ada.ask("UNMUTE", ben.name)
    assert len(ada.ids("HOME")) == 2


def test_who_may_message_whom(lines_town):
    ada, ben = lines_town.people("ada", "ben")
    ada.ask("PROFILE", "SET", "messages", "none")
    assert ben.refused("DM", ada.name, "hi") == "DENIED"
    ada.ask("PROFILE", "SET", "messages", "following")
    assert ben.refused("CHAT", "NEW", ada.name) == "DENIED"
    ada.ask("FOLLOW", ben.name)
    assert ben.ask("DM", ada.name, "hi").isdigit()
