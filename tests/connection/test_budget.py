"""The sum of all pools against what the database lets in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismafix.connection.budget import Figures, series, shares, work_out

SMALL = Figures(instances=8, processes=1, limit=5, max_connections=100, reserved=3, others=10)


def test_the_sum_and_what_is_left_for_it() -> None:
    found = work_out(SMALL)
    assert (found.per_instance, found.needed, found.available, found.usable) == (5, 40, 87, 85)
    assert (found.deploying, found.verdict) == (80, "within")
    assert (found.limit, found.largest_limit, found.most_instances) == (5, 5, 8)
    assert found.refused_from == 18  # 17 x 5 = 85 fit into 87


@pytest.mark.parametrize(
    ("figures", "verdict"),
    [
        (Figures(8, 1, 5, 100, 3, 10), "within"),
        (Figures(9, 1, 5, 100, 3, 10), "tight"),
        (Figures(17, 1, 5, 100, 3, 10), "tight"),
        (Figures(18, 1, 5, 100, 3, 10), "over"),
        (Figures(9, 2, 5, 100, 3, 10), "over"),
        (Figures(17, 1, 5, 100, 3, 10, headroom=0, overlap=0), "within"),
        (Figures(17, 1, 5, 100), "tight"),
        (Figures(None, 1, 5, 100), "unknown"),
        (Figures(8, 1, None, 100), "unknown"),
        (Figures(8, 1, 5, None), "unknown"),
    ],
)
def test_the_verdict(figures: Figures, verdict: str) -> None:
    assert work_out(figures).verdict == verdict


def test_what_is_missing_is_named_and_the_rest_is_worked_out() -> None:
    assert work_out(Figures()).missing == ("instances", "limit", "max_connections")
    without_instances = work_out(Figures(limit=3, max_connections=100, reserved=3))
    assert without_instances.missing == ("instances",)
    assert (without_instances.most_instances, without_instances.refused_from) == (15, 33)
    without_limit = work_out(Figures(instances=10, max_connections=100))
    assert (without_limit.limit, without_limit.largest_limit, without_limit.needed) == (4, 4, None)


def test_a_limit_is_recommended_that_fits_a_deploy_or_at_least_every_day_or_not_at_all() -> None:
    assert work_out(Figures(10, 1, 20, 100)).limit == 4
    everyday = work_out(Figures(60, 1, 20, 100))
    assert (everyday.limit, everyday.fits_deploy) == (1, False)
    assert work_out(Figures(200, 1, 20, 100)).limit is None
    assert work_out(Figures(2, 1, 3, 100)).limit == 3  # nobody has asked for more
    assert work_out(Figures(1, 1, None, 1000)).limit == 10


def test_a_database_with_no_room_at_all() -> None:
    found = work_out(Figures(1, 1, 1, 20, reserved=3, others=30))
    assert (found.available, found.refused_from, found.most_instances, found.limit) == (-13, 1, 0, None)
    assert found.verdict == "over"


COUNT = st.integers(1, 500)


@given(st.builds(Figures, COUNT, st.integers(1, 8), COUNT, COUNT, st.integers(0, 20), st.integers(0, 100)))
def test_what_is_recommended_fits(figures: Figures) -> None:
    from dataclasses import replace

    found = work_out(figures)
    assert found.usable is not None and found.available is not None and found.refused_from is not None
    if found.most_instances:
        assert work_out(replace(figures, instances=found.most_instances)).verdict == "within"
    if found.limit is not None:
        verdict = work_out(replace(figures, limit=found.limit)).verdict
        assert verdict == "within" if found.fits_deploy else verdict == "tight"
    assert work_out(replace(figures, instances=found.refused_from)).verdict == "over"
    if found.refused_from > 1 and found.available > 0:
        assert work_out(replace(figures, instances=found.refused_from - 1)).verdict != "over"


@given(st.builds(Figures, COUNT, st.just(1), COUNT, COUNT))
def test_the_series_goes_past_the_point_where_the_database_refuses(figures: Figures) -> None:
    found = work_out(figures)
    points = series(found, figures.instances)
    assert len(points) < 130
    assert [p.instances for p in points] == sorted({p.instances for p in points})
    first = next(p for p in points if p.refused)
    assert first.instances == found.refused_from
    assert any(p.instances == figures.instances and p.connections == found.needed for p in points)


def test_no_series_without_a_pool_size() -> None:
    assert series(work_out(Figures(instances=3, max_connections=10)), 3) == ()


@given(st.integers(0, 300), st.lists(st.integers(1, 100), max_size=8))
def test_shares_add_up(total: int, weights: list[int]) -> None:
    found = shares(total, weights)
    if not weights or total < len(weights):
        assert found == ()
        return
    assert len(found) == len(weights)
    assert all(one >= 1 for one in found)
    assert sum(found) <= total
    if total < sum(weights):
        assert sum(found) == total


def test_shares_follow_the_weights() -> None:
    assert shares(10, [1, 1, 1]) == (3, 3, 3)
    assert shares(30, [40, 20]) == (20, 10)
    assert shares(4, [100, 1, 1]) == (2, 1, 1)
