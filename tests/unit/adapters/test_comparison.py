"""Two indices compared by ranges of ids."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from riverline.adapters.elasticsearch import comparison
from riverline.adapters.elasticsearch.comparison import ComparedDocument

ENTRIES = st.dictionaries(
    st.integers(0, 40).map(lambda n: f"{n:040x}"),
    st.builds(ComparedDocument, st.integers(1, 5), st.integers(0, 2)),
    max_size=30,
)


@given(ENTRIES, ENTRIES)
def test_what_is_got_and_removed_makes_the_copy_equal(
    source: dict[str, ComparedDocument], copy: dict[str, ComparedDocument]
) -> None:
    found = comparison.difference(source, copy)
    mended = {**copy, **{name: source[name] for name in found.lacking}}
    for name, version in found.extra.items():
        assert mended.pop(name).version == version
    assert mended == source


@given(ENTRIES)
def test_equal_indices_do_not_differ(source: dict[str, ComparedDocument]) -> None:
    assert not comparison.difference(source, dict(source))


def test_ranges_grow_with_the_documents_and_cover_every_id_once() -> None:
    assert comparison.prefixes(0) == [""]
    assert comparison.prefixes(comparison.RANGE) == [""]
    some = comparison.prefixes(comparison.RANGE + 1)
    assert len(some) == 16
    assert len(comparison.prefixes(comparison.RANGE * 17)) == 256
    for number in range(256):
        assert sum(f"{number:02x}".startswith(prefix) for prefix in some) == 1


def test_a_document_that_was_never_clicked_has_no_clicks() -> None:
    hits = [{"_id": "a", "_version": 7, "fields": {"click_count": [3]}}, {"_id": "b", "_version": 8}]
    assert comparison.entries({"hits": {"hits": hits}}) == {"a": ComparedDocument(7, 3), "b": ComparedDocument(8, 0)}
