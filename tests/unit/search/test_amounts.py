"""Amounts as Korean writes them."""

import pytest

from riverline.search.analysis.amounts import alternatives


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("8천 원", {"8천": ["8000"]}),
        ("8000원", {"8000원": ["8천원"]}),
        ("8,000원", {"8,000원": ["8000원", "8천원"]}),
        ("3만5천원", {"3만5천원": ["35000원", "3만 5000원"]}),
        ("3만 5천", {"3만": ["35000", "3만 5000"], "5천": ["35000", "3만 5000"]}),
        ("1만2000원", {"1만2000원": ["12000원", "1만 2천원"]}),
        ("2천500원", {"2천500원": ["2500원", "2천5백원"]}),
        ("110만원", {"110만원": ["1100000원"]}),
        ("1.5억", {"1.5억": ["150000000", "1억 5000만"]}),
        ("배추 8천 원 무 2천 원", {"8천": ["8000"], "2천": ["2000"]}),
    ],
)
def test_an_amount_has_its_other_forms(text, others):
    assert alternatives(text.split()) == others


@pytest.mark.parametrize(
    "text", ["999원", "만원", "3박 4일", "2024년", "7코스", "1.4GB", "8a천", "v1.2.3", "12345678901234567890"]
)
def test_what_is_written_in_one_way_has_no_other(text):
    assert alternatives(text.split()) == {}
