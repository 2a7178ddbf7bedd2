"""The real binary, driven over TCP as clients drive it. Servers choose their own ports on loopback
and are ended by their own process ids."""

import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "tools"))

from harness.server import Server  # noqa: E402
from town import DIALECTS, Town  # noqa: E402


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory):
    """One server for every test that leaves it running. Two shards: more can go wrong."""
    with Server(tmp_path_factory.mktemp("shared") / "data", "--shards", 2) as server:
        yield server
        assert server.is_running, f"the server ended during the tests:\n{server.output}"
        assert server.terminate() == 0, server.output


@pytest.fixture(autouse=True)
def shared_server_lives_on(request):
    """A test that ends the shared server fails, and the next one finds a new one."""
    yield
    if "shared_server" in request.fixturenames:
        server = request.getfixturevalue("shared_server")
        if not server.is_running:
            output = server.output
            server.start()
            pytest.fail(f"the server ended during this test:\n{output[-4000:]}")


@pytest.fixture(params=DIALECTS)
def dialect(request):
    return request.param


@pytest.fixture
def town(shared_server, dialect):
    """People of this test, in each dialect in turn."""
    with Town(shared_server, dialect) as town:
        yield town


@pytest.fixture
def lines_town(shared_server):
    """People of this test, over plain lines."""
    with Town(shared_server, "lines") as town:
        yield town


@pytest.fixture
def make_server(tmp_path):
    """Makes servers on directories of this test; whatever still runs at its end is killed."""
    servers = []

    def make(name="data", *flags):
        server = Server(tmp_path / name, *flags)
        servers.append(server)
        return server

    yield make
    for server in servers:
        if server.is_running:
            server.kill()
