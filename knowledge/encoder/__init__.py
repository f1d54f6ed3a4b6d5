"""Turn texts into vectors: ``weights`` makes the model once, ``onnx`` serves it."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Texts to L2-normalised vectors, shape (n, dim), float32."""

    id: str
    dim: int

    def encode_queries(self, texts: list[str]) -> Vectors: ...

    def encode_passages(self, texts: list[str]) -> Vectors: ...


def load_encoder(model: str, cache_dir: Path, threads: int = 2) -> Encoder:
    """The encoder that ``model`` names.

    ``default`` serves the int8 ONNX export of multilingual-e5-small, built under ``cache_dir``
    when it is not there; anything else is a sentence-transformers name or folder, served by it
    (slower, for trying other models). ``threads``: two encode a catalogue sooner; a question's
    vector takes as long on one and leaves the other core to the engine.
    """
    if model == "default":
        from knowledge.encoder.onnx import OnnxEncoder
        from knowledge.encoder.weights import build_default_model

        return OnnxEncoder(build_default_model(cache_dir), threads)
    from knowledge.encoder.torch import TorchEncoder

    return TorchEncoder(model)
