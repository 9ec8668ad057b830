"""Keras Tuner's chief as a service, and what makes a process its worker; two of its modules are patched here."""

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from types import SimpleNamespace

import grpc

from competition.runtime.backend import keras  # noqa: F401  sets Keras's backend before Keras Tuner asks for it
from competition.runtime.variables import environment_with
from tuning.keras_tuner.key import KeyedClient, KeyedServer
from tuning.keras_tuner.oracle import SearchOracle

from keras_tuner.src import protos  # isort: skip
from keras_tuner.src.distribute import oracle_client
from keras_tuner.src.distribute.oracle_chief import OracleServicer
from keras_tuner.src.engine import conditions

ANSWER_SECONDS = 120
"""How long a worker waits for its chief's answer."""

_MOST_REQUESTS = 1000
_BOUNDS = [
    ("grpc.max_receive_message_length", 2**20),
    ("grpc.max_metadata_size", 2**13),
    ("grpc.max_concurrent_streams", 100),
    ("grpc.server_handshake_timeout_ms", 5000),
]
"""Of what strangers may send; a trial is a few thousand bytes."""

conditions.print = lambda *_: None  # Keras Tuner 1.4.8 left a print in Parent.to_proto
oracle_client.TIMEOUT = ANSWER_SECONDS


def serve(oracle: SearchOracle, address: str, key: str) -> tuple[OracleServicer, grpc.Server]:
    """Start to hand out an oracle's trials at an address, ``HOST:PORT``, to those who have the key.

    The caller stops the server.
    """
    servicer = OracleServicer(oracle)
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=1),
        interceptors=[KeyedServer(key)],
        options=[("grpc.so_reuseport", 0), *_BOUNDS],
        maximum_concurrent_rpcs=_MOST_REQUESTS,
    )
    protos.get_service_grpc().add_OracleServicer_to_server(servicer, server)
    server.add_insecure_port(address)
    server.start()
    return servicer, server


_WORKER, _HOST, _PORT = "KERASTUNER_TUNER_ID", "KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT"


@contextmanager
def as_no_worker() -> Iterator[None]:
    """Make and run a tuner in this context that is nobody's worker, whatever the environment says to Keras Tuner.

    A chief of the kit's is one too: Keras Tuner's own would wait for trials of its workers alone.
    """
    with environment_with({_WORKER: None, _HOST: None, _PORT: None}):
        yield


@contextmanager
def as_worker(name: str, host: str, port: int) -> Iterator[None]:
    """Make and run a tuner in this context that is a chief's worker, whatever the environment says to Keras Tuner.

    Parameters
    ----------
    name : str
        The worker's, without "chief" in it.
    host : str
    port : int
        Of the chief.
    """
    with environment_with({_WORKER: name, _HOST: host, _PORT: str(port), "no_grpc_proxy": host}):
        yield


@contextmanager
def with_key(key: str) -> Iterator[None]:
    """Send a chief's key with all that tuners made in this context ask it."""

    def channel(address: str) -> grpc.Channel:
        """Return the way to a chief."""
        return grpc.intercept_channel(grpc.insecure_channel(address), KeyedClient(key))

    oracle_client.grpc = SimpleNamespace(insecure_channel=channel)
    try:
        yield
    finally:
        oracle_client.grpc = grpc


__all__ = ["ANSWER_SECONDS", "OracleServicer", "as_no_worker", "as_worker", "serve", "with_key"]
