"""Cursors."""

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.errors import Invalid
from riverline.search.cursor import Position, decoded, encoded

values = st.lists(
    st.one_of(st.text(), st.integers(-(1 << 53), 1 << 53), st.floats(allow_nan=False, allow_infinity=False)),
    min_size=2,
    max_size=4,
).map(tuple)


@given(st.builds(Position, values, st.integers(0, (1 << 53) - 1), st.booleans(), st.text(), st.text()), st.text())
def test_a_cursor_leads_back_to_its_position(position, key):
    assert decoded(encoded(position, key), key) == position


@given(st.text())
def test_any_text_that_is_no_cursor_is_refused_as_invalid(text):
    with pytest.raises(Invalid):
        decoded(text, "key")


def test_a_cursor_of_another_query_is_refused():
    cursor = encoded(Position((1.5, "id"), 5), "one query")
    with pytest.raises(Invalid, match="another query"):
        decoded(cursor, "another")


@pytest.mark.parametrize(
    "parts",
    [[1, "x"], {"a": 1}, [1, "", [1, "a"], 1, 0, ""], 7, [3, "", "ab", 1, 0, "", ""], [3, "", [1, "a"], 1, 0, "", 5]],
)
def test_json_of_another_form_is_refused(parts):
    cursor = base64.urlsafe_b64encode(orjson.dumps(parts)).rstrip(b"=").decode()
    with pytest.raises(Invalid):
        decoded(cursor, "")


@pytest.mark.parametrize(
    ("place", "values"), [(2, [{"a": 1}, "x"]), (2, [1]), (2, [1] * 9), (3, -1), (3, True), (3, "1")]
)
def test_a_cursor_with_implausible_values_is_refused(place, values):
    whole = encoded(Position((1.5, "id"), 5), "key")
    parts = orjson.loads(base64.urlsafe_b64decode(whole + "=" * (-len(whole) % 4)))
    parts[place] = values
    with pytest.raises(Invalid):
        decoded(base64.urlsafe_b64encode(orjson.dumps(parts)).rstrip(b"=").decode(), "key")
