"""Near-duplicates meet in one group and none is dropped."""

from dataclasses import replace

import pytest

from riverline.model import Document
from riverline.parsing.fingerprint import text_digest
from riverline.parsing.near_duplicates import bands, signature, similarity
from riverline.pipeline import document_groups
from riverline.pipeline.document_groups import DocumentGroups
from riverline.testing.memory import MemoryIndex

WORDS = [f"낱말{number}" for number in range(200)]


def document(name: str, words) -> Document:
    body = " ".join(words)
    plain = Document(f"http://a.example/{name}", "a.example", "t", "", body, "article", 1000)
    return replace(plain, text_digest=text_digest(body), signature=signature(body))


ORIGINAL = document("original", WORDS)
EDITED = document("edited", [*WORDS[:100], "새말", *WORDS[101:]])
OTHER = document("other", [word + "다른" for word in WORDS])


TEMPLATE = "delivery within three days returns for a month and everything that this shop says of all its goods " * 5
PROSE = [f"{word}은 낱말{number % 7}에서 {word}까지" for number, word in enumerate(WORDS[:40])]
AROUND = "구독자 전용 기사입니다 제휴사의 글을 옮깁니다", "무단 전재 및 재배포 금지 많이 본 기사 더 보기"


def page(url: str, title: str, body: str) -> Document:
    plain = Document(url, url.split("/")[2], title, "", body, "article", 1000)
    return replace(plain, text_digest=text_digest(body), signature=signature(body))


@pytest.fixture
def index():
    return MemoryIndex()


def test_an_edited_copy_joins_the_group_of_the_original(index):
    index.write([ORIGINAL], [])
    index.refresh()
    (placed,) = DocumentGroups(index).grouped([EDITED])
    assert placed.group == ORIGINAL.text_digest


def test_what_was_written_a_moment_ago_is_seen_too(index):
    groups = DocumentGroups(index)
    first, second, third = groups.grouped([ORIGINAL, EDITED, OTHER])
    assert (first.group, second.group, third.group) == ("", ORIGINAL.text_digest, "")


def test_a_page_that_is_written_again_is_no_copy_of_itself(index):
    groups = DocumentGroups(index)
    groups.grouped([ORIGINAL])
    assert groups.grouped([ORIGINAL])[0].group == ""


def test_a_third_copy_joins_the_group_of_the_second(index):
    groups = DocumentGroups(index)
    copies = [ORIGINAL, EDITED, document("third", [*WORDS[:50], "딴말", *WORDS[51:100], "새말", *WORDS[101:]])]
    assert [placed.group for placed in groups.grouped(copies)] == ["", ORIGINAL.text_digest, ORIGINAL.text_digest]


def test_of_thousands_of_copies_each_is_compared_with_a_few(index, monkeypatch):
    compared = []
    monkeypatch.setattr(document_groups, "similarity", lambda *pair: compared.append(pair) or similarity(*pair))
    groups, copies = DocumentGroups(index), 200
    placed = groups.grouped([replace(EDITED, url=f"http://a.example/{n}") for n in range(copies)])
    assert {one.group for one in placed[1:]} == {EDITED.text_digest}
    keys = len(bands(EDITED.signature))
    assert 0 < len(compared) <= copies * keys * document_groups.ALIKE


def test_products_that_share_the_template_of_their_shop_stay_apart(index):
    products = [page(f"http://shop.example/{n}", f"Pack {n}", f"Pack {n} {TEMPLATE}") for n in range(60)]
    assert {placed.group for placed in DocumentGroups(index).grouped(products)} == {""}


def test_products_of_two_shops_meet_product_by_product(index):
    shops = [
        page(f"http://shop{place}.example/{n}", f"Pack {n}", f"Pack {n} {TEMPLATE} {'here ' * place}")
        for n in range(20)
        for place in range(2)
    ]
    placed = DocumentGroups(index).grouped(shops)
    assert len({one.group or one.text_digest for one in placed}) == 20


@pytest.mark.parametrize("title", ["Notes", "notes!", "ＮＯＴＥＳ"])
def test_pages_of_one_host_with_equal_titles_are_grouped(index, title):
    one = page("http://a.example/1", "Notes", TEMPLATE)
    other = page("http://www.a.example/1/print", title, TEMPLATE + "printed")
    assert DocumentGroups(index).grouped([one, other])[1].group == one.text_digest


def test_a_text_with_other_spaces_is_the_same_text(index):
    one, other = page("http://a.example/", "t", " ".join(PROSE)), page("http://b.example/", "t", "".join(PROSE))
    assert DocumentGroups(index).grouped([one, other])[1].group == one.text_digest


def test_a_short_text_with_lines_of_a_site_around_it_is_still_that_text(index):
    short = " ".join(PROSE[:18])
    one = page("http://a.example/", "t", short)
    other = page("http://b.example/", "t", f"{AROUND[0]} {short} {AROUND[1]}")
    assert DocumentGroups(index).grouped([one, other])[1].group == one.text_digest


def test_a_text_that_quotes_another_and_says_as_much_itself_is_another(index):
    quoted = " ".join(PROSE[:18])
    one = page("http://a.example/", "t", quoted)
    other = page("http://b.example/", "t", f"{quoted} {' '.join(PROSE[20:40])}")
    assert DocumentGroups(index).grouped([one, other])[1].group == ""
