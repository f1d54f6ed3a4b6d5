"""Any sentence-transformers model, by name or folder: for trying other models, and for training."""

from sentence_transformers import SentenceTransformer

from knowledge.encoder import Vectors


class TorchEncoder:
    """Vectors by sentence-transformers; uses the model's own ``query``/``passage`` prompts."""

    def __init__(self, model: str) -> None:
        self._model = SentenceTransformer(model, device="cpu")
        self.id = model
        self.dim: int = self._model.get_sentence_embedding_dimension() or 0

    def encode_queries(self, texts: list[str]) -> Vectors:
        vectors: Vectors = self._model.encode_query(texts, normalize_embeddings=True)
        return vectors

    def encode_passages(self, texts: list[str]) -> Vectors:
        vectors: Vectors = self._model.encode_document(texts, normalize_embeddings=True)
        return vectors
