"""Keras Tuner's chief as a service, and what makes a process its worker; two of its modules are patched here."""

import os
from concurrent import futures

import grpc

from competition.runtime.backend import keras  # noqa: F401  sets Keras's backend before Keras Tuner asks for it
from tuning.keras_tuner.oracle import SearchOracle

from keras_tuner.src import protos  # isort: skip
from keras_tuner.src.distribute import oracle_client
from keras_tuner.src.distribute.oracle_chief import OracleServicer
from keras_tuner.src.engine import conditions

ANSWER_SECONDS = 120
"""How long a worker waits for its chief's answer."""

conditions.print = lambda *_: None  # Keras Tuner 1.4.8 left a print in Parent.to_proto
oracle_client.TIMEOUT = ANSWER_SECONDS


def serve(oracle: SearchOracle, address: str) -> tuple[OracleServicer, grpc.Server]:
    """Start to hand out an oracle's trials at an address, ``HOST:PORT``; the caller stops the server."""
    servicer = OracleServicer(oracle)
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=1), options=[("grpc.so_reuseport", 0)])
    protos.get_service_grpc().add_OracleServicer_to_server(servicer, server)
    server.add_insecure_port(address)
    server.start()
    return servicer, server


def become_worker(name: str, host: str, port: int) -> None:
    """Make this process a worker of a chief, before its tuner is made.

    Parameters
    ----------
    name : str
        The worker's, without "chief" in it.
    host : str
    port : int
        Of the chief.
    """
    os.environ |= {"KERASTUNER_TUNER_ID": name, "KERASTUNER_ORACLE_IP": host, "KERASTUNER_ORACLE_PORT": str(port)}


__all__ = ["ANSWER_SECONDS", "OracleServicer", "become_worker", "serve"]
