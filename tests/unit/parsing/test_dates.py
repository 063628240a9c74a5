"""Dates as they are written."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.parsing.dates.formats import KOREA, DateReading, in_url, iso, milliseconds

NOW = 1_760_000_000_000  # 2025-10-09T08:53:20Z


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2025-03-04", "2025-03-04"),
        ("20250304", "2025-03-04"),
        ("2025-03-04T14:30:00+09:00", "2025-03-04T14:30:00+09:00"),
        ("2025-03-04T14:30:00.123+0900", "2025-03-04T14:30:00+09:00"),
        ("2025-03-04T05:30Z", "2025-03-04T05:30:00+00:00"),
        ("2025-03-04 14:30 KST", "2025-03-04T14:30:00+09:00"),
        ("Tue, 04 Mar 2025 14:30:00 +0900", "2025-03-04T14:30:00+09:00"),
        ("2025년 3월 4일 오후 2:30", "2025-03-04T14:30:00"),
        ("2025년 3월 4일 오전 12시 5분", "2025-03-04T00:05:00"),
        ("2025년 3월 4일(화) 14:30", "2025-03-04T14:30:00"),
        ("입력 2025.03.04. 14:30", "2025-03-04T14:30:00"),
        ("2025. 3. 4.", "2025-03-04"),
        ("2025年3月4日", "2025-03-04"),
        ("4. März 2025", "2025-03-04"),
        ("March 4th, 2025", "2025-03-04"),
        ("4 de marzo de 2025", "2025-03-04"),
        ("04.03.2025", "2025-03-04"),
        ("03/25/2025", "2025-03-25"),
        ("2025-03-04 14:30 EST", "2025-03-04T14:30:00-05:00"),
        ("Tue,04 Mar 2025 14:30:00 +0000", "2025-03-04T14:30:00+00:00"),
        ("Tue, 04 Mar 2025 14:30:00 UTC+9", "2025-03-04T14:30:00+09:00"),
        ("Tue Mar  4 14:30:00 2025", "2025-03-04T14:30:00"),
        ("Tue Mar 04 14:30:00 KST 2025", "2025-03-04T14:30:00+09:00"),
        ("2025-03-04 14:30 by Ana", "2025-03-04T14:30:00"),
        ("04 Mar 2025 14:30 EDT", "2025-03-04T14:30:00-04:00"),
        ("Tue, 04 Mar 25 14:30:00 GMT", "2025-03-04T14:30:00+00:00"),
        ("Tue, 04 Mar 95 14:30:00 A", "1995-03-04T14:30:00"),
        ("Di, 04 Mär 2025 14:30:00 MEZ", "2025-03-04T14:30:00+01:00"),
        ("mar., 04 mars 2025 02:30:00 PM CET", "2025-03-04T14:30:00+01:00"),
        ("Вт, 04 мар 2025 14:30:00 MSK", "2025-03-04T14:30:00+03:00"),
        ("화, 4 3월 2025 14:30:00 GMT+0900", "2025-03-04T14:30:00+09:00"),
        ("04-Mar-2025 14:30", "2025-03-04T14:30:00"),
        ("31 Okt, 2023", "2023-10-31"),
        ("04-Mar-25", "2025-03-04"),
        ("Mar 4 '25", ""),
        ("28.09.19", "2019-09-28"),
        ("1.2.28.09.19", ""),
        ("12:04.03.25:80", ""),
        ("4 reasons for 2025", ""),
        ("4 marching bands 2025", ""),
        ("4 March 2568", ""),
        ("2025-02-30", ""),
        ("phone 010-2025-0304", ""),
        ("", ""),
    ],
)
def test_a_date_is_read(written, read):
    assert iso(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "4 March 2025", "2025年3月4日", "4 मार्च 2025", "४ मार्च २०२५", "4 de marzo de 2025", "4 mars 2025",
        "4 مارس 2025",
        "٤ آذار ٢٠٢٥", "৪ মার্চ ২০২৫", "4 de março de 2025", "4 марта 2025 г.", "4 مارچ 2025", "4 Maret 2025",
        "4. März 2025", "4 Machi 2025", "४ मार्च, २०२५", "4 మార్చి 2025", "4 மார்ச் 2025", "4 Mart 2025", "4 MAYIS 2025",
        "4 tháng 3, 2025", "ngày 4 tháng 3 năm 2025", "4 marzo 2025", "4 มีนาคม 2568", "4 માર્ચ 2025", "4 ಮಾರ್ಚ್ 2025",
        "4 മാർച്ച് 2025", "4 ਮਾਰਚ 2025", "4 marca 2025", "4 березня 2025 р.", "4 martie 2025", "2025. március 4.",
        "4. března 2025", "4 Μαρτίου 2025", "4. maaliskuuta 2025", "4 maart 2025", "4 d'abril de 2025", "Maris 4, 2025",
        "Marso 4, 2025", "4 Ημερομηνία 2025", "2025. gada 4. marts", "2025 ж. 4 наурыз", "4 במרץ 2025",
    ],
)  # fmt: skip
def test_months_are_known_by_their_names_in_many_languages(written):
    month = "05" if "MAYIS" in written else "04" if "abril" in written else "03"
    assert iso(written) == ("" if "Ημερο" in written else f"2025-{month}-04")


def test_a_name_of_two_months_is_the_month_of_the_pages_language():
    assert iso("4 listopada 2025", DateReading.of("pl", "")) == "2025-11-04"
    assert iso("4 listopada 2025", DateReading.of("hr", "")) == "2025-10-04"


@pytest.mark.parametrize(
    ("written", "language", "region", "read"),
    [
        ("03/04/2025", "en", "US", "2025-03-04"),
        ("03/04/2025", "en", "GB", "2025-04-03"),
        ("03/04/2025", "", "", "2025-04-03"),
        ("25/04/2025", "en", "US", "2025-04-25"),
        ("03-04-2025", "en", "US", "2025-03-04"),
        ("03.04.2025", "de", "US", "2025-04-03"),
        ("03/04/25", "en", "US", "2025-03-04"),
        ("03/04/25", "fr", "FR", "2025-04-03"),
        ("25.03.04", "ko", "KR", "2025-03-04"),
        ("04.03.25", "de", "DE", "2025-03-04"),
        ("3/4/25", "en", "US", "2025-03-04"),
        ("Mar 4, '25", "en", "US", "2025-03-04"),
        ("令和7年3月4日", "ja", "", "2025-03-04"),
        ("平成31年3月4日", "ja", "", "2019-03-04"),
        ("民國114年3月4日", "zh", "", "2025-03-04"),
        ("114/03/04", "zh", "TW", "2025-03-04"),
        ("114/03/04", "zh", "CN", ""),
        ("04/03/2568", "th", "", "2025-03-04"),
    ],
)
def test_a_date_in_numbers_alone_is_read_as_the_pages_region_writes_it(written, language, region, read):
    assert iso(written, DateReading.of(language, region)) == read


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("http://a.example/2025/03/04/story", "2025-03-04"),
        ("http://a.example/news/20250304001", ""),
        ("http://a.example/2025-03-04-story.html", "2025-03-04"),
        ("http://a.example/news/04-03-2025-story", "2025-03-04"),
        ("http://2025-03-04.example/story", ""),
        ("http://a.example/item/2025/99/99", ""),
    ],
)
def test_a_date_in_a_url_is_read(url, day):
    assert in_url(url) == day


def test_a_date_without_an_offset_takes_the_assumed_one():
    assert milliseconds("2025-03-04T14:30:00", NOW, KOREA) == milliseconds("2025-03-04T05:30:00+00:00", NOW)


def test_a_given_offset_is_kept_whatever_is_assumed():
    assert milliseconds("2025-03-04T14:30:00-05:00", NOW, KOREA) == milliseconds("2025-03-04T19:30:00Z", NOW)


def test_a_date_in_the_future_is_none():
    assert milliseconds("2025-10-10", NOW) is None


def test_a_clock_that_runs_a_little_ahead_counts_as_now():
    assert milliseconds("2025-10-09T09:00:00+00:00", NOW) == NOW


@pytest.mark.parametrize("written", ["", "soon", "1899-01-01", "2025-13-01"])
def test_what_is_no_date_of_the_web_is_none(written):
    assert milliseconds(written, NOW) is None


@given(st.datetimes(), st.sampled_from([timedelta(), KOREA, timedelta(hours=-11)]))
def test_no_date_lies_in_the_future(moment, assumed):
    at = milliseconds(moment.isoformat(), NOW, assumed)
    assert at is None or at <= NOW


@given(st.text(max_size=400))
def test_any_text_is_a_date_or_none(text):
    read = iso(text)
    assert read == "" or milliseconds(read, 1 << 41) is not None or read > "2039"


@pytest.mark.parametrize(
    ("written", "language", "day"),
    [
        ("۱۴۰۳/۱۲/۱۴", "fa", "2025-03-04"),
        ("1404/01/01", "fa", "2025-03-21"),
        ("1399-12-30", "fa", "2021-03-20"),
        ("۱۴ اسفند ۱۴۰۳", "", "2025-03-04"),
        ("سه شنبه ۱۴ اسفند ماه ۱۴۰۳ - ۰۹:۰۵", "fa", "2025-03-04T09:05:00"),
        ("1403/12/14", "en", ""),
        ("1403/12/31", "fa", ""),
        ("2025/03/04", "fa", "2025-03-04"),
    ],
)
def test_dates_of_the_persian_calendar_are_read_on_persian_pages(written, language, day):
    assert iso(written, DateReading(language=language)) == day
