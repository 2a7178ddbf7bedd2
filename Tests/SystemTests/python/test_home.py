"""What HOME is, by the definition; pages that neither skip nor repeat."""

import random
import time

from town import Town, newest_first


def test_replies_come_home_only_where_both_sides_are_followed(lines_town):
    ada, ben, cleo, dan = lines_town.people("ada", "ben", "cleo", "dan")
    ada.ask("FOLLOW", ben.name)
    ada.ask("FOLLOW", cleo.name)
    by_cleo, by_dan = cleo.ask("POST", "cleo's"), dan.ask("POST", "dan's")
    to_cleo = ben.ask("REPLY", by_cleo, "both followed")
    ben.ask("REPLY", by_dan, "one followed")
    mine = ada.ask("POST", "mine")
    to_me = ben.ask("REPLY", mine, "to me")
    to_himself = ben.ask("REPLY", to_me, "to himself")
    assert ada.ids("HOME") == newest_first(to_himself, to_me, mine, to_cleo, by_cleo)


def test_a_share_comes_home_once_with_its_earliest_sharer(lines_town):
    ada, ben, cleo, dan = lines_town.people("ada", "ben", "cleo", "dan")
    ada.ask("FOLLOW", ben.name)
    ada.ask("FOLLOW", cleo.name)
    post = dan.ask("POST", "worth sharing")
    ben.ask("SHARE", post)
    cleo.ask("SHARE", post)
    items = ada.pages("HOME")
    assert [(item["id"], item["shared_by"]) for item in items] == [(post, ben.name)]
    ada.ask("FOLLOW", dan.name)
    items = ada.pages("HOME")
    assert [item["id"] for item in items] == [post] and "shared_by" not in items[0]
    ada.ask("UNFOLLOW", dan.name)
    ben.ask("UNSHARE", post)
    assert [item["shared_by"] for item in ada.pages("HOME")] == [cleo.name]
    dan.ask("DELETE", post)
    assert ada.ids("HOME") == []


def test_a_post_shared_again_comes_home_once_in_the_place_of_the_new_share(lines_town):
    ada, ben, cleo, dan = lines_town.people("ada", "ben", "cleo", "dan")
    ada.ask("FOLLOW", ben.name)
    ada.ask("FOLLOW", cleo.name)
    post = dan.ask("POST", "worth sharing twice")
    ben.ask("SHARE", post)
    time.sleep(0.002)
    between = cleo.ask("POST", "between the shares")
    ben.ask("UNSHARE", post)
    assert ada.ids("HOME") == [between]
    time.sleep(0.002)
    ben.ask("SHARE", post)
    assert ada.ids("HOME") == [post, between]
    time.sleep(0.002)
    cleo.ask("SHARE", post)
    time.sleep(0.002)
    newest = cleo.ask("POST", "after the shares")
    ben.ask("UNSHARE", post)
    ben.ask("SHARE", post)
    items = ada.pages("HOME", count=1)
    assert [(item["id"], item.get("shared_by")) for item in items] == [
        (newest, None), (post, cleo.name), (between, None)]


def test_following_and_unfollowing_change_home_for_all_of_history(lines_town):
    ada, ben = lines_town.people("ada", "ben")
    posts = [ben.ask("POST", f"number {n}") for n in range(30)]
    assert ada.ids("HOME") == []
    ada.ask("FOLLOW", ben.name)
    assert ada.ids("HOME", count=7) == posts[::-1]
    ada.ask("UNFOLLOW", ben.name)
    assert ada.ids("HOME") == []


def test_home_reaches_to_the_end_of_history_whatever_the_page_size(lines_town):
    ada, ben, cleo = lines_town.people("ada", "ben", "cleo")
    ada.ask("FOLLOW", ben.name)
    ada.ask("FOLLOW", cleo.name)
    posts = []
    for n in range(1_200):
        author = ben if n % 3 else cleo
        author.connection.send("POST", f"number {n}")
        if n % 3 == 2:
            posts += [cleo.connection.read(), ben.connection.read(), ben.connection.read()]
    newest = sorted(posts, key=int, reverse=True)
    for count in (1, 7, 200):
        pages = ada.ids("HOME", count=count) if count > 1 else ada.ids("HOME", count=23)
        assert pages == newest


def test_a_cursor_neither_skips_nor_repeats_while_the_list_changes(lines_town):
    ada, ben = lines_town.people("ada", "ben")
    chance = random.Random(5)
    ada.ask("FOLLOW", ben.name)
    posts = [ben.ask("POST", f"number {n}") for n in range(60)]
    page = ada.ask("HOME", "COUNT", 5)
    seen, deleted = [item["id"] for item in page["items"]], set()
    while not page["end"]:
        ben.ask("POST", "newer")
        victim = chance.choice([p for p in posts if p not in seen and p not in deleted] or [None])
        if victim:
            ben.ask("DELETE", victim)
            deleted.add(victim)
        page = ada.ask("HOME", "COUNT", 5, "AFTER", page["cursor"])
        seen += [item["id"] for item in page["items"]]
    assert len(seen) == len(set(seen))
    assert set(posts) - deleted <= set(seen)
    assert seen == sorted(seen, key=int, reverse=True)


def test_a_day_in_a_small_town(town):
    """Home, inbox, chat and trends of several people together, in each dialect."""
    ada, ben, cleo, dan = town.people("ada", "ben", "cleo", "dan")
    tag = f"fair{town.number}"
    for person in (ben, cleo, dan):
        person.ask("FOLLOW", ada.name)
    ada.ask("FOLLOW", ben.name)
    post = ada.ask("POST", f"The #{tag} opens at noon, @{dan.name} plays!")
    ben.ask("LIKE", post)
    cleo.ask("SHARE", post)
    answer = dan.ask("REPLY", post, "I'll be there")
    also = ben.ask("POST", f"Off to the #{tag}")
    chat = ada.ask("CHAT", "NEW", ben.name, cleo.name, dan.name, "TITLE", "Fair")
    ada.ask("SAY", chat, "Who brings the lamps?")
    ben.ask("SAY", chat, "Me")
    assert [item["id"] for item in ada.pages("HOME")] == newest_first(also, post)
    assert [item["id"] for item in dan.pages("HOME")] == newest_first(answer, post)
    kinds = [(item["kind"], item["count"]) for item in ada.pages("INBOX")]
    assert kinds == [("reply", 1), ("share", 1), ("like", 1), ("follow", 3)]
    assert [item["kind"] for item in dan.pages("INBOX")] == ["invite", "mention"]
    assert ada.ask("UNREAD") == 4
    assert [item["unread"] for item in cleo.ask("CHATS")["items"]] == [2]
    assert ada.ask("CHATS")["items"][0]["unread"] == 1
    trends = {trend["tag"]: trend for trend in ada.ask("TRENDING", "TAGS", "COUNT", 200)}
    assert trends[tag]["accounts"] == 2 and float(trends[tag]["score"]) > 0
    ben.ask("DELETE", also)
    trends = {trend["tag"]: trend for trend in ada.ask("TRENDING", "TAGS", "COUNT", 200)}
    assert trends[tag]["accounts"] == 1


def test_pages_of_the_longest_posts_end_early_rather_than_with_the_connection(shared_server):
    with Town(shared_server, "resp3") as town:
        ada, ben = town.people("ada", "ben")
        family = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
        posts = [ada.ask("POST", family * 5_000) for _ in range(90)]
        ben.ask("FOLLOW", ada.name)
        for words in [("HOME",), ("TIMELINE", ada.name), ("PUBLIC",)]:
            first = ben.ask(*words, "COUNT", 200)
            assert first["end"] == 0 and 1 < len(first["items"]) < 90
            found = [item["id"] for item in ben.pages(*words, count=200)]
            assert [post for post in found if post in posts] == posts[::-1]
        chat = ada.ask("CHAT", "NEW", ben.name)
        said = [ada.ask("SAY", chat, family * 5_000) for _ in range(90)]
        assert ben.ids("HISTORY", chat, count=200) == said[::-1]
        root = posts[0]
        answers = [ada.ask("REPLY", root, family * 5_000) for _ in range(90)]
        assert ben.ids("THREAD", root, count=200) == [root] + answers
