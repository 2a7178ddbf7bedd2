"""A short life of a server in which everything that writes happens once, in one order; what was
acknowledged of it; and what must hold when the server starts again, whatever went wrong."""

import json
import os
import shutil
import struct

import lmdb

from harness.check import Mismatch
from harness.clients import Lines, Refused
from harness.server import Server, StartFailed, run

PASSWORD = "correct horse battery"
GONE = (EOFError, ConnectionError, TimeoutError, OSError)


class Base:
    """A data directory with a few people in it, made once and copied for each life."""

    def __init__(self, directory):
        self.data = os.path.join(directory, "base", "data")
        os.makedirs(os.path.dirname(self.data))
        self.tokens, self.ids = {}, {}
        with Server(self.data) as server:
            for name in ("ada", "ben", "dora"):
                with Lines(server.port) as lines:
                    lines.ask("SIGNUP", name, PASSWORD)
                    self.ids[name] = lines.ask("WHOAMI")["id"]
                    self.tokens[name] = lines.ask("TOKEN", "NEW")["token"]
                    post = lines.ask("POST", f"{name} was here")
                    if name == "ben":
                        self.post = post
                        lines.ask("FOLLOW", "ada")
                    if name == "dora":
                        self.chat = lines.ask("CHAT", "NEW", "ada", "ben", "TITLE", "Town")
            if server.terminate() != 0:
                raise SystemExit(f"the server did not end well:\n{server.output}")
        os.remove(os.path.join(self.data, "roost.lock"))


class Life:
    """One run of the scenario, under whatever the shim does to it."""

    def __init__(self, base, root, environment):
        self.base, self.root = base, root
        self.data = os.path.join(root, "data")
        self.backup = os.path.join(root, "backup")
        if base:
            shutil.copytree(base.data, self.data)
        self.server = Server(self.data, "--snapshot-every", 0)
        self.server.environment = environment
        # Names of steps with their answers; None for one that was not acknowledged.
        self.answers = {}
        self.refusals = {}
        self.start_failure = None

    def run(self):
        """Until the end, or until the server has ended by itself."""
        try:
            self.server.start()
        except StartFailed as failed:
            self.start_failure = failed
            return
        try:
            self._steps()
        except GONE:
            pass
        finally:
            if self.server.is_running:
                self.server.terminate()
            else:
                self.server.wait()

    def _step(self, lines, name, *words):
        try:
            self.answers[name] = None
            self.answers[name] = lines.ask(*words)
        except Refused as refused:
            self.refusals[name] = str(refused)

    def _steps(self):
        if self.base is None:
            with Lines(self.server.port) as lines:
                self._step(lines, "sign-up", "SIGNUP", "ada", PASSWORD, "KEY", "sign-up")
                self._step(lines, "first", "POST", "first", "KEY", "first")
            return
        base = self.base
        admin, ada, dora = (Lines(self.server.port) for _ in range(3))
        admin.ask("AUTH", self.server.admin_token())
        ada.ask("AUTH", base.tokens["ada"])
        self._step(ada, "first", "POST", "first", "KEY", "first")
        self._step(ada, "like", "LIKE", base.post)
        self._step(ada, "say", "SAY", base.chat, "hello", "KEY", "say")
        with Lines(self.server.port) as lines:
            self._step(lines, "sign-up", "SIGNUP", "eve", PASSWORD, "KEY", "sign-up")
        self._step(admin, "snapshot", "SNAPSHOT")
        self._step(ada, "second", "POST", "second", "KEY", "second")
        self._step(admin, "rebuild", "PROJECTION", "REBUILD", "home", "WAIT")
        self._step(admin, "revert", "PROJECTION", "REVERT", "home")
        self._step(admin, "backup", "BACKUP", self.backup)
        dora.ask("AUTH", base.tokens["dora"])
        self._step(dora, "erase", "ERASE", PASSWORD)
        self._step(ada, "third", "POST", "third", "KEY", "third")
        for lines in (admin, ada, dora):
            lines.close()

    @property
    def ended_by_itself(self):
        return self.start_failure is not None or "ending" not in self.server.output

    @property
    def status(self):
        return (
            self.start_failure.status if self.start_failure else self.server.process.returncode)

    @property
    def output(self):
        return self.start_failure.output if self.start_failure else self.server.output

    # MARK: Afterwards

    def check(self):
        """Throws Mismatch where something that must hold does not. Starts without the shim."""
        self.server.environment = {}
        try:
            self.server.start()
        except StartFailed as failed:
            raise Mismatch(f"it does not start again: {failed.output}") from None
        with self.server:
            self._check_effects()
            self._check_refold()
            self.server.kill()
        verified = run("verify", "--data", self.data)
        if verified.returncode != 0:
            raise Mismatch(f"verify: {verified.stderr}")
        if self.base:
            self._check_erased()
            self._check_restore()

    def _check_effects(self):
        with Lines(self.server.port) as lines:
            lines.ask("AUTH", self.server.admin_token())
        with Lines(self.server.port) as lines:
            if self.base:
                lines.ask("AUTH", self.base.tokens["ada"])
            else:
                self._ask_again(lines, "sign-up", "SIGNUP", "ada", PASSWORD, "KEY", "sign-up")
                if self.answers.get("first"):
                    lines.ask("AUTH", "ada", PASSWORD)
            texts = ["first", "second", "third"] if self.base else ["first"]
            for text in texts:
                self._ask_again(lines, text, "POST", text, "KEY", text)
            items = lines.ask("TIMELINE", "ada", "COUNT", 200)["items"]
            shown = sorted(item["text"] for item in items if item["text"] in texts)
            if shown != texts:
                raise Mismatch(f"after each was sent again with its key, {shown} are there")
            if not self.base:
                return
            self._ask_again(lines, "say", "SAY", self.base.chat, "hello", "KEY", "say")
            said = [m["text"] for m in lines.ask("HISTORY", self.base.chat)["items"]]
            if said.count("hello") != 1:
                raise Mismatch(f"said once with a key, and sent again, it is there: {said}")
            if self.answers.get("like") and not lines.ask("GET", self.base.post).get("liked"):
                raise Mismatch("an acknowledged like is gone")
        with Lines(self.server.port) as lines:
            self._ask_again(lines, "sign-up", "SIGNUP", "eve", PASSWORD, "KEY", "sign-up")
        self._erase_again()

    def _ask_again(self, lines, name, *words):
        """With its key: what was answered is answered the same."""
        again = lines.ask(*words)
        first = self.answers.get(name)
        if first is not None and first != again:
            raise Mismatch(f"{name} was answered {first!r}, and with its key again {again!r}")

    def _erase_again(self):
        with Lines(self.server.port) as lines:
            try:
                lines.ask("AUTH", self.base.tokens["dora"])
            except Refused:
                return
            if self.answers.get("erase"):
                raise Mismatch("who was erased can still log in")
            lines.ask("ERASE", PASSWORD)

    def _check_refold(self):
        with Lines(self.server.port) as lines:
            lines.ask("AUTH", self.server.admin_token())
            live = lines.ask("PROJECTION", "DIGEST")
            replayed = json.loads(run("replay", "--data", self.data, "--json").stdout)
            if live != {"position": replayed["position"]} | replayed["digests"]:
                raise Mismatch("what is served is not what the journal folds to")
            if self.base:
                lines.ask("BACKUP", self.backup)

    def _check_erased(self):
        with lmdb.open(
                os.path.join(self.data, "keys"), readonly=True, lock=False, max_dbs=8) as opened:
            keys = opened.open_db(b"keys", create=False)
            with opened.begin(db=keys) as transaction:
                value = transaction.get(struct.pack(">Q", int(self.base.ids["dora"])))
        # A tombstone is shorter than a key.
        if value is None or len(value) >= 32:
            raise Mismatch("the erased person's key is there")
        leftover = [name for name in os.listdir(self.data) if name.startswith("keys.")]
        if leftover:
            raise Mismatch(f"left behind: {leftover}")

    def _check_restore(self):
        restored = os.path.join(self.root, "restored")
        for words in (
                ["restore", "--from", self.backup, "--data", restored],
                ["verify", "--data", restored]):
            done = run(*words)
            if done.returncode != 0:
                raise Mismatch(f"{words[0]} of the backup: {done.stderr}")
