"""Many processes, on one machine or several: Keras Tuner's own chief hands out trials, its workers run them.

All share a folder: outcomes are passed through it, and every worker writes a heartbeat there, by which the chief knows
who is alive.
"""

import os
import subprocess
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import grpc

from competition.errors import KitWarning, RunError
from competition.runtime.processors import usable_processors
from competition.storage.files import write_whole
from tuning.addresses import free_port, parse_address
from tuning.errors import TuningError
from tuning.folder import SILENT_SECONDS, WORKERS, project_of, read_search
from tuning.keras_tuner.key import make_key, read_key
from tuning.keras_tuner.oracle import SearchOracle
from tuning.keras_tuner.service import ANSWER_SECONDS, OracleServicer, as_worker, serve, with_key
from tuning.keras_tuner.tuner import CrossFitTuner
from tuning.search import Search
from tuning.trials.study import Budget, Study

REACH_SECONDS = 60
"""How long a worker waits for its chief to appear."""
LONELY_SECONDS = 600
"""After how long without any worker a chief gives up."""
_PULSE_SECONDS = 2


WorkerCommand = Callable[[str, str], Sequence[str]]
"""Given the chief's address and a worker's name, returns the command that starts that worker as a process."""


def hand_out(
    search: Search, chief: str | None, workers: int = 0, command: WorkerCommand = lambda address, name: ()
) -> Callable[[CrossFitTuner], None]:
    """Return a function that runs a tuner's trials: as a chief that hands them out to workers.

    Parameters
    ----------
    search : Search
    chief : str or None
        The chief's address, ``HOST:PORT``; by default a free port of this machine.
    workers : int
        How many to start on this machine, at least 0.
    command : callable
        Given the chief's address and a worker's name, returns the command that starts that worker.
    """
    return lambda tuner: _serve(tuner, search, chief or f"127.0.0.1:{free_port()}", workers, command)


def _serve(tuner: CrossFitTuner, search: Search, address: str, workers: int, command: WorkerCommand) -> None:
    """Hand out trials until the budget is spent; those that dead workers left unfinished are run here."""
    oracle = tuner.oracle
    project = project_of(search.folder, search.study)
    servicer, server = serve(oracle, address, make_key(project))
    try:
        with _local_workers(address, workers, command) as processes:
            _watch(oracle, servicer, _Pulses(project / WORKERS), processes)
    finally:
        server.stop(grace=1).wait()
    tuner.search()


def _watch(
    oracle: SearchOracle, servicer: OracleServicer, pulses: "_Pulses", processes: dict[str, subprocess.Popen]
) -> None:
    """Wait until no trial is left to hand out and none is running; requeue dead workers' trials."""
    lonely_since = time.monotonic()
    while not ((oracle.is_spent or servicer.stop_triggered) and not oracle.at_work):
        time.sleep(0.5)
        if oracle.problem is not None:
            raise oracle.problem
        for name in oracle.at_work:
            if _has_ended(processes, name) or pulses.silence(name) > SILENT_SECONDS:
                oracle.forget_worker(name)
                warnings.warn(f"{name} is gone; its trial goes to the next worker.", KitWarning, stacklevel=2)
        if processes and all(_has_ended(processes, name) for name in processes):
            if oracle.is_spent or servicer.stop_triggered:
                return
            raise TuningError("all workers have ended; finished trials are kept, the same command goes on with them.")
        if oracle.at_work:
            lonely_since = time.monotonic()
        elif time.monotonic() - lonely_since > LONELY_SECONDS:
            raise TuningError(
                f"no worker has come for {LONELY_SECONDS // 60} minutes; start some with `worker`, or go on without "
                "`chief`. Finished trials are kept."
            )


def _has_ended(processes: dict[str, subprocess.Popen], name: str) -> bool:
    return name in processes and processes[name].poll() is not None


class _Pulses:
    """Measures how long workers have been silent, by this machine's clock alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.heard: dict[str, tuple[str, float]] = {}

    def silence(self, name: str) -> float:
        """Return the seconds since a worker's heartbeat was last seen to change."""
        path = self.folder / name
        pulse = path.read_text(encoding="utf-8") if path.exists() else ""
        if name not in self.heard or self.heard[name][0] != pulse:
            self.heard[name] = pulse, time.monotonic()
        return time.monotonic() - self.heard[name][1]


@contextmanager
def _local_workers(address: str, count: int, command: WorkerCommand) -> Iterator[dict[str, subprocess.Popen]]:
    """Start workers on this machine, and end them afterwards."""
    processes: dict[str, subprocess.Popen] = {}
    try:
        for name in (f"worker-{number}" for number in range(1, count + 1)):
            processes[name] = subprocess.Popen(
                command(address, name),
                stdout=subprocess.DEVNULL,
                env=_worker_environment(count),
                start_new_session=True,
            )  # Ctrl-C is for this process, which then ends them
        yield processes
        for process in processes.values():
            process.wait(ANSWER_SECONDS)
    finally:
        for process in processes.values():
            process.kill()  # no moment does harm, and only the chief has to say something
        for process in processes.values():
            process.wait()


def _worker_environment(count: int) -> dict[str, str]:
    threads = str(max(1, usable_processors() // count))
    return os.environ | {"TF_NUM_INTRAOP_THREADS": threads, "OMP_NUM_THREADS": threads}


def work(study: Study, folder: Path, chief: str, name: str) -> None:
    """Run the trials that a chief hands out, until it has no more.

    Parameters
    ----------
    study : Study
        The same as the chief's.
    folder : Path
        The chief's folder.
    chief : str
        ``HOST:PORT``.
    name : str
        A worker restarted under its name is given its unfinished trial.

    Raises
    ------
    TuningError
        When the chief cannot be reached within `REACH_SECONDS`, no longer answers, or runs another search.
    """
    host, port = parse_address(chief, "worker")
    project = project_of(folder, study)
    with as_worker(name, host, port):
        _reach(chief)
        _check_same(study, folder)
        with with_key(read_key(project)):
            _run_trials(study, project, chief, name)


def _check_same(study: Study, folder: Path) -> None:
    if read_search(folder) != study.description:
        raise TuningError(
            f"{folder}: the chief there searches for something else, or elsewhere; give a worker the chief's own "
            "options and `out`."
        )


def _run_trials(study: Study, project: Path, chief: str, name: str) -> None:
    tuner = CrossFitTuner(study, Budget(), project, on_trial_end=lambda _: None)
    with _pulse(project / WORKERS / name):
        try:
            tuner.search()
        except grpc.RpcError as problem:
            if problem.code() is grpc.StatusCode.UNAUTHENTICATED:
                why = f"is of another search: {problem.details()}; give a worker the chief's own options and `out`"
            else:
                why = f"no longer answers ({problem.code().name})"
            raise TuningError(f"`worker`: the chief at {chief} {why}.") from None


def _reach(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=REACH_SECONDS)
        except grpc.FutureTimeoutError:
            raise TuningError(
                f"`worker`: no chief answers at {address}, tried for {REACH_SECONDS} seconds; start it first with "
                f"`chief` {address}, or mend the address."
            ) from None


@contextmanager
def _pulse(path: Path) -> Iterator[None]:
    """Write a heartbeat into a file every other second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    stopped = threading.Event()

    def beat() -> None:
        """Write until stopped."""
        with suppress(RunError):  # the worker itself will report the same problem
            while not stopped.wait(_PULSE_SECONDS):
                write_whole(path, f"{os.getpid()} {time.time()}\n", lasting=False)

    write_whole(path, f"{os.getpid()}\n", lasting=False)
    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
