"""Which names people may have."""

import unicodedata

import pytest

from riverline.accounts.names import fault


@pytest.mark.parametrize(
    "name",
    [
        "Mina", "미나 Kim", "Jun2", "李小龍", "さくらサクラ桜", "Øystein Ærø", "Иван Smith", "Ελένη", "محمد", "می‌خواهم",
        "別빛Star", "👩‍💻 Sol", "❤️ Sol", "O'Brien-Smith", "André", "क्‍ष", "יעל", "🇰🇷", "x_y.z", "Mina™", "Mª José",
    ],
)  # fmt: skip
def test_a_name_as_people_have_it_is_taken(name):
    assert fault(unicodedata.normalize("NFC", name)) == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Mi\u200bna", "nobody sees"),
        ("Mina\u00ad", "nobody sees"),
        ("Mina\u3164", "nobody sees"),
        ("Mi\u200dna", "nobody sees"),
        ("\u200dMina", "nobody sees"),
        ("\ufe0fMina", "nobody sees"),
        ("Mina\u202egnp", "nobody sees"),
        ("Mina\u2066", "nobody sees"),
        ("Mina\u0000", "nobody sees"),
        ("Mina\ufeff", "nobody sees"),
        ("Mina\U000e0041", "nobody sees"),
        ("Мina", "different scripts"),
        ("Minа Kim", "different scripts"),
        ("Ρaul", "different scripts"),
        ("ѕсоре미나", "different scripts"),
        ("Ｍina", "look like others"),
        ("𝐌ina", "look like others"),
        ("Ⓜina", "look like others"),
    ],
)
def test_a_name_that_may_be_taken_for_another_one_is_refused(name, reason):
    assert reason in fault(name)
