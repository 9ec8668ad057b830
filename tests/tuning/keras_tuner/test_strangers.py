"""A chief's port: who has the key of the search's folder is answered, and what strangers send changes nothing."""

import errno
import os
import random
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import grpc
import pytest

from competition.errors import KitWarning, RunError
from tuning.errors import TuningError
from tuning.keras_tuner.key import KEY, KeyedClient, make_key, read_key
from tuning.keras_tuner.service import serve

from keras_tuner.src import protos  # isort: skip

CREATE = protos.get_service().CreateTrialRequest(tuner_id="stranger")
METHODS = ("GetSpace", "UpdateSpace", "CreateTrial", "UpdateTrial", "EndTrial", "GetTrial", "GetBestTrials")


class Watched(SimpleNamespace):
    """Stands for an oracle, and remembers what it was asked."""

    def __getattr__(self, name: str) -> object:
        self.asked.append(name)
        raise RuntimeError(name)


@pytest.fixture(scope="module")
def chief(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Watched]]:
    """An address, the key, and the oracle behind it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    key, oracle = make_key(tmp_path_factory.mktemp("search") / "project"), Watched(asked=[])
    _, server = serve(oracle, address, key)
    yield address, key, oracle
    server.stop(None).wait()


def ask(address: str, key: str | None, method: str = "CreateTrial", message: bytes | None = None) -> grpc.StatusCode:
    """Send a request, and return how it is refused."""
    with grpc.insecure_channel(address) as channel:
        known = channel if key is None else grpc.intercept_channel(channel, KeyedClient(key))
        call = known.unary_unary(f"/keras_tuner.Oracle/{method}")
        with pytest.raises(grpc.RpcError) as refused:
            call(CREATE.SerializeToString() if message is None else message, timeout=20)
    return refused.value.code()


def test_who_has_the_key_is_answered(chief: tuple[str, str, Watched]):
    address, key, oracle = chief
    assert ask(address, key) is grpc.StatusCode.UNKNOWN, "the oracle was asked, and this one cannot answer"
    assert oracle.asked == ["create_trial"]
    oracle.asked.clear()


@pytest.mark.parametrize("key", [None, "", "0" * 64])
@pytest.mark.parametrize("method", METHODS)
def test_who_has_not_is_refused_unread(key: str | None, method: str, chief: tuple[str, str, Watched]):
    address, _, oracle = chief
    assert ask(address, key, method, b"\xff" * 1000) is grpc.StatusCode.UNAUTHENTICATED
    assert oracle.asked == []


def test_a_message_of_many_bytes_is_not_taken_in(chief: tuple[str, str, Watched]):
    address, key, oracle = chief
    assert ask(address, key, message=bytes(2**21)) is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert oracle.asked == []


def test_strangers_bytes_change_nothing(chief: tuple[str, str, Watched]):
    """Random bytes, other protocols and connections that are never finished: workers are answered all the same."""
    address, key, oracle = chief
    generator = random.Random(0)
    words = [b"", b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01", b"\x00" * 5000]
    host, port = address.split(":")
    opened = [socket.create_connection((host, int(port)), timeout=5) for _ in range(100)]
    try:
        for number, one in enumerate(opened):
            one.sendall(words[number % len(words)] + generator.randbytes(generator.randrange(200)))
        assert ask(address, key) is grpc.StatusCode.UNKNOWN
    finally:
        for one in opened:
            one.close()
    assert oracle.asked == ["create_trial"]
    oracle.asked.clear()


def test_the_key_is_the_owners_and_stays(tmp_path: Path):
    key = make_key(tmp_path)
    assert (make_key(tmp_path), read_key(tmp_path)) == (key, key)
    assert len(key) == 64
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / KEY).stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64])
def test_a_chief_makes_another_key_where_a_power_cut_took_it(content: bytes, tmp_path: Path):
    (tmp_path / KEY).write_bytes(content)
    with pytest.warns(KitWarning, match=r"key: is damaged; another key is made: workers on other machines"):
        key = make_key(tmp_path)
    assert (len(key), make_key(tmp_path)) == (64, key)
    assert [path.name for path in tmp_path.iterdir()] == [KEY]


def test_a_key_that_may_not_be_read_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    key = make_key(tmp_path)

    def refuse(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    with monkeypatch.context() as patch:
        patch.setattr("tuning.keras_tuner.key.read_once", refuse)
        with pytest.raises(RunError, match="key: cannot be written: Permission denied; change its rights"):
            make_key(tmp_path)
    assert read_key(tmp_path) == key


def test_a_key_of_an_older_version_which_has_no_line_end_is_kept(tmp_path: Path):
    (tmp_path / KEY).write_text("0f" * 32)
    assert make_key(tmp_path) == "0f" * 32


@pytest.mark.parametrize("content", [None, b"", b"short", b"\xff" * 64])
def test_a_key_that_is_missing_or_damaged_is_met_by_a_sentence(content: bytes | None, tmp_path: Path):
    if content is not None:
        (tmp_path / KEY).write_bytes(content)
    with pytest.raises(TuningError, match=r"key: the key by which the chief knows its workers cannot be read"):
        read_key(tmp_path)
