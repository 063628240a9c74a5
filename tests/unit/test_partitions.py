"""How `bench.partitions` parts the posts: nothing is in two parts, and as much is deleted as was dropped."""

import re

from bench.partitions import by_range, deletions


def test_ten_ranges_hold_as_many_posts_each():
    ends = [int(end) for end in re.findall(r"LESS THAN \((\d+)\)", by_range(1000))]
    assert ends == [101, 201, 301, 401, 501, 601, 701, 801, 901]
    assert by_range(1000).endswith("PARTITION p9 VALUES LESS THAN MAXVALUE)")


def test_deletions_follow_each_other():
    assert deletions(100, 1000) == [
        "DELETE FROM post WHERE id > 100 AND id <= 600",
        "DELETE FROM post WHERE id > 600 AND id <= 1100",
    ]
