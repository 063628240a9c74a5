"""The table of `bench.first_view`."""

from bench.first_view import View, table


def test_the_table_has_the_median_and_the_slowest_visit_and_the_most_bytes():
    visits = [[View(paint, 1000), View(10 * paint, 500 + n)] for n, paint in enumerate((30.0, 10.0, 20.0))]
    assert table({"home": visits}).splitlines()[-1] == "| home | 20 | 30 | 1.0 | 200 | 300 | 0.5 |"
