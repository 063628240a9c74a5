"""Near-duplicates meet in one group and none is dropped."""

from dataclasses import replace

import pytest

from riverline.content import grouping
from riverline.content.grouping import Grouper
from riverline.model import Document
from riverline.stores.memory import MemoryIndex
from riverline.text.fingerprint import text_digest
from riverline.text.near import bands, signature, similarity

WORDS = [f"낱말{number}" for number in range(200)]


def document(name: str, words) -> Document:
    body = " ".join(words)
    plain = Document(f"http://a.example/{name}", "a.example", "t", "", body, "article", 1000)
    return replace(plain, text_digest=text_digest(body), signature=signature(body))


ORIGINAL = document("original", WORDS)
EDITED = document("edited", [*WORDS[:100], "새말", *WORDS[101:]])
OTHER = document("other", [word + "다른" for word in WORDS])


@pytest.fixture
def index():
    return MemoryIndex()


def test_an_edited_copy_joins_the_group_of_the_original(index):
    index.write([ORIGINAL], [])
    index.refresh()
    (placed,) = Grouper(index).grouped([EDITED])
    assert placed.group == ORIGINAL.text_digest


def test_what_was_written_a_moment_ago_is_seen_too(index):
    grouper = Grouper(index)
    first, second, third = grouper.grouped([ORIGINAL, EDITED, OTHER])
    assert (first.group, second.group, third.group) == ("", ORIGINAL.text_digest, "")


def test_a_page_that_is_written_again_is_no_copy_of_itself(index):
    grouper = Grouper(index)
    grouper.grouped([ORIGINAL])
    assert grouper.grouped([ORIGINAL])[0].group == ""


def test_a_third_copy_joins_the_group_of_the_second(index):
    grouper = Grouper(index)
    copies = [ORIGINAL, EDITED, document("third", [*WORDS[:50], "딴말", *WORDS[51:100], "새말", *WORDS[101:]])]
    assert [placed.group for placed in grouper.grouped(copies)] == ["", ORIGINAL.text_digest, ORIGINAL.text_digest]


def test_of_thousands_of_copies_each_is_compared_with_a_few(index, monkeypatch):
    compared = []
    monkeypatch.setattr(grouping, "similarity", lambda *pair: compared.append(pair) or similarity(*pair))
    grouper, copies = Grouper(index), 200
    placed = grouper.grouped([replace(EDITED, url=f"http://a.example/{n}") for n in range(copies)])
    assert {one.group for one in placed[1:]} == {EDITED.text_digest}
    keys = len(bands(EDITED.signature))
    assert 0 < len(compared) <= copies * keys * grouping.ALIKE
