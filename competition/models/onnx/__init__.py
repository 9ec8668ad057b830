"""Trained models as a graph in the open format ONNX. Needs onnx and onnxruntime: requirements-export.txt."""

from importlib import import_module

from competition.errors import KitError

PACKAGES = ("onnx", "onnxruntime")


def check_packages() -> None:
    """Raise KitError where one of the packages is not installed that graphs are built and checked with."""
    for name in PACKAGES:
        try:
            import_module(name)
        except ImportError:
            raise KitError(
                f"exporting needs the package {name}, which is not installed here; install it with `make export`, or "
                f"`python -m pip install {' '.join(PACKAGES)}`."
            ) from None
