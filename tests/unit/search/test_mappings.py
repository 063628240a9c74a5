"""Names and settings of the indices."""

from riverline.search import mappings
from riverline.search.analysis.analysers import ANALYSERS, analysis

NOW = 1_760_000_000_000  # 2025-10-09
DAY = 86_400_000


def test_fates_are_filed_by_day_and_searches_by_month_in_utc():
    assert mappings.fates_index(NOW) == "fates-2025.10.09"
    assert mappings.fates_index(0) == "fates-1970.01.01"
    assert mappings.searches_index(NOW) == "searches-2025.10"


def test_fates_are_kept_for_seven_days_and_other_indices_for_ever():
    names = [mappings.fates_index(NOW - n * DAY) for n in range(10)] + ["fates-x", "documents-v1", "searches-2020.01"]
    assert mappings.outdated_fates(names, NOW) == ["fates-2025.09.30", "fates-2025.10.01"]


def test_every_analyser_of_a_field_is_defined():
    defined = analysis()["analyzer"]
    assert set(defined) == set(ANALYSERS)
    for options in defined.values():
        assert set(options.get("char_filter", ())) <= set(analysis()["char_filter"])


def test_a_user_dictionary_goes_into_the_tokenizer():
    assert analysis(("세종시 세종 시",))["tokenizer"]["korean"]["user_dictionary_rules"] == ["세종시 세종 시"]
    assert "user_dictionary_rules" not in analysis()["tokenizer"]["korean"]


def test_the_copies_and_shards_are_those_of_the_settings():
    settings = mappings.documents_index(3, 2)["settings"]["index"]
    assert (settings["number_of_shards"], settings["number_of_replicas"]) == (3, 2)
