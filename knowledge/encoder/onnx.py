"""The served encoder: plain onnxruntime and tokenizers, no torch in a running app."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from knowledge.encoder import Vectors
from knowledge.errors import OperatorError

MAX_TOKENS = 128
BATCH = 32


class OnnxEncoder:
    """Mean-pooled, L2-normalised vectors of the model in ``folder`` (see ``weights``)."""

    def __init__(self, folder: Path, threads: int) -> None:
        try:
            facts = json.loads((folder / "encoder.json").read_text())
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            options.inter_op_num_threads = 1
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            options.enable_cpu_mem_arena = False
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise OperatorError(
                f"encoder: {folder.name} cannot be loaded ({error}); delete it and run "
                "`assistant prepare`"
            ) from error
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._inputs = {entry.name for entry in self._session.get_inputs()}
        self.id: str = facts["id"]
        self.dim: int = facts["dim"]

    def encode_queries(self, texts: list[str]) -> Vectors:
        return self._encode([f"query: {text}" for text in texts])

    def encode_passages(self, texts: list[str]) -> Vectors:
        return self._encode([f"passage: {text}" for text in texts])

    def _encode(self, texts: list[str]) -> Vectors:
        encodings = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(texts)]
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i]))
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            vectors[chosen] = self._run([encodings[i] for i in chosen])
        return vectors

    def _run(self, batch: list[list[int]]) -> Vectors:
        width = max(len(ids) for ids in batch)
        ids = np.zeros((len(batch), width), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, piece_ids in enumerate(batch):
            ids[row, : len(piece_ids)] = piece_ids
            mask[row, : len(piece_ids)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (states,) = self._session.run(
            ["last_hidden_state"], {name: feeds[name] for name in self._inputs}
        )
        pooled = (states * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        normalised: Vectors = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return normalised
