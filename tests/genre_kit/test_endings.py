"""What ends a command before its work is done becomes one sentence and an exit code, whoever raises it."""

import errno
import os
import signal
import subprocess
from pathlib import Path

import pytest
from support import run_process, run_program, run_python

from competition.errors import KitError, RunError
from competition.runtime import memory
from competition.runtime.interruption import SAID
from competition.runtime.memory import is_no_memory, require
from competition.storage.files import write_whole
from genre_kit.endings import in_words
from genre_kit.jobs import sample as job


def ending(monkeypatch: pytest.MonkeyPatch, problem: BaseException):
    """Run a command whose work ends with an exception."""

    def fail(**_: object) -> None:
        raise problem

    monkeypatch.setattr(job, "sample", fail)
    return run_program("sample", "--out", "never")


class ResourceExhaustedError(Exception):
    """Called as TensorFlow's."""


class FailedPreconditionError(Exception):
    """Called as TensorFlow's, where a folder is none."""


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (KitError("a.csv: is wrong."), "a.csv: is wrong."),
        (MemoryError("Unable to allocate 9 GiB"), "the memory does not suffice (Unable to allocate 9 GiB). Close"),
        (MemoryError(), "the memory does not suffice. Close other programs"),
        (ImportError("libx.so: failed to map segment from shared object"), "the memory does not suffice (libx.so:"),
        (RuntimeError("can't start new thread"), "the memory does not suffice (can't start"),
        (ResourceExhaustedError("OOM when\nallocating"), "the memory does not suffice (OOM when allocating)"),
        (OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), "the memory does not suffice"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/d/a.csv"), "/d/a.csv: No space left on device; free some"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS), "/d/a.csv"), "Read-only file system; it may only be read"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "/d"), "/d: File name too long; choose a shorter"),
        (OSError(errno.EIO, os.strerror(errno.EIO)), "output: Input/output error; look after the disk"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/d"), "/d: No such file or directory; a folder"),
        (
            FailedPreconditionError("/d/a.v2;\nNot a directory"),
            "output: /d/a.v2; Not a directory; look after the folder",
        ),
        (OSError("Unable to write (errno = 28)"), "output: Unable to write (errno = 28); write elsewhere."),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), "what was reading the output has gone, so the work was ended"),
    ],
)
def test_the_machines_troubles_are_one_sentence(monkeypatch: pytest.MonkeyPatch, problem: BaseException, sentence: str):
    said = ending(monkeypatch, problem)
    assert (said.returncode, said.stdout) == (1, "")
    assert sentence in said.stderr
    assert said.stderr.startswith("error: ")
    assert said.stderr.count("\n") == 1


def test_what_is_the_kits_own_fault_is_not_disguised(monkeypatch: pytest.MonkeyPatch):
    assert in_words(ZeroDivisionError()) is None
    with pytest.raises(ZeroDivisionError):
        ending(monkeypatch, ZeroDivisionError())


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_is_one_sentence(monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int):
    def work(**_: object) -> None:
        signal.raise_signal(number)

    monkeypatch.setattr(job, "sample", work)
    said = run_program("sample", "--out", "never")
    assert (said.returncode, said.stdout) == (code, "")
    assert said.stderr.strip() == SAID[code]


def test_trouble_near_a_limit_of_memory_is_its_doing(monkeypatch: pytest.MonkeyPatch):
    assert not is_no_memory(SystemError("error return without exception set"))
    monkeypatch.setattr(memory, "limit", lambda: 1_000_000)
    assert is_no_memory(SystemError("error return without exception set"))
    assert not is_no_memory(KitError("a mistake"))
    assert not is_no_memory(FileNotFoundError())


def test_a_limit_that_is_too_small_for_native_code_is_refused_before_it_is_loaded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "limit", lambda: None)
    require(10**12, "it")
    monkeypatch.setattr(memory, "limit", lambda: 2 * 10**9)
    require(2 * 10**9, "it")
    with pytest.raises(
        KitError, match=r"may have 2\.0 GB of memory .*, and it takes 3\.0 GB; raise the limit \(ulimit"
    ):
        require(3 * 10**9, "it")


@pytest.mark.process
def test_a_training_under_a_limit_of_memory_is_refused():
    pytest.importorskip("resource")
    said = run_python(
        "-c",
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (2 * 10**9, 2 * 10**9))\n"
        "from competition.errors import KitError\n"
        "try: import competition.runtime.backend\n"
        "except KitError as problem: print(problem)",
    )
    assert said.stdout.startswith(
        "this process may have 2.0 GB of memory (of address space), and TensorFlow takes 3.0 GB"
    )
    assert said.stderr == ""


@pytest.mark.process
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_an_output_that_is_full_or_that_nobody_reads_is_said_once():
    with Path("/dev/full").open("w") as full:
        said = run_process("--help", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    sentence = f"error: output: {os.strerror(errno.ENOSPC)}; free some space there, or write elsewhere.\n"
    assert (said.returncode, said.stderr) == (1, sentence)
    reader, writer = os.pipe()
    os.close(reader)
    said = run_process("runs", "--help", capture_output=False, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert said.returncode == 1
    assert "Traceback" not in said.stderr


def test_every_error_of_a_disk_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    cures = {
        errno.ENOSPC: "free some space there, or name another place",
        errno.EDQUOT: "free some of your share of the disk, or name",
        errno.EFBIG: "raise the limit on the size of files (ulimit -f), or name",
        errno.EROFS: "it may only be read; name another place",
        errno.EACCES: "change its rights, or name",
        errno.ENOENT: "a folder has been removed; run it again, or name",
        errno.EIO: "look after the disk, and name",
        errno.EMFILE: "raise the limit on open files (ulimit -n).",
        errno.ENAMETOOLONG: "too long; choose a shorter name.",
    }
    for number, cure in cures.items():

        def refuse(self: Path, data: bytes, number: int = number) -> int:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(Path, "write_bytes", refuse)
        with pytest.raises(RunError) as met:
            write_whole(tmp_path / "a.csv", "1\n")
        assert f"a.csv: cannot be written: {os.strerror(number)}; " in str(met.value)
        assert cure in str(met.value)
