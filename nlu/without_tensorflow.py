"""Keep TensorFlow out of the engine's process.

Rasa imports TensorFlow for the components that train neural nets (DIET, TED, ...), whether a
pipeline names them or not. This pipeline names none, so an import hook answers ``import
tensorflow`` with an empty shell: names may be looked up and subclassed, using one is an error.
Why, with figures: docs/decisions/0002-engine-pipeline.md.
"""

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_ABSENT = frozenset(
    {"tensorflow", "keras", "tensorflow_hub", "tensorflow_text", "tensorflow_addons"}
)


class _ShellMeta(type):
    """Any attribute of a shell class is another shell class, so ``tf.keras.layers.Layer`` works."""

    def __getattr__(cls, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        shell = _ShellMeta(name, (Shell,), {"__module__": cls.__module__})
        setattr(cls, name, shell)
        return shell


class Shell(metaclass=_ShellMeta):
    """Stands for a class or function of TensorFlow; may be a base class, never an object."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise RuntimeError(f"{type(self).__name__}: this engine runs without TensorFlow")


class _ShellModule(ModuleType):
    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        shell = _ShellMeta(name, (Shell,), {"__module__": self.__name__})
        setattr(self, name, shell)
        return shell


class _ShellFinder(MetaPathFinder, Loader):
    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname.split(".", 1)[0] in _ABSENT:
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _ShellModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """A shell has nothing to run."""


def install() -> None:
    """Answer every later ``import tensorflow`` with a shell; call before importing Rasa."""
    sys.meta_path.insert(0, _ShellFinder())
