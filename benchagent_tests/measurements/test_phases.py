import pytest

from benchagent.measurements.load_times import LoadTimes, find_gap, find_gaps


def test_cold_and_warm_part_at_the_widest_gap():
    gap = find_gap(LoadTimes([2074.0, 102.0, 80.0, 66.0, 51.0]))
    assert gap is not None
    assert 102 < gap.threshold_ms < 2074
    assert round(gap.ratio, 1) == 20.3


def test_several_kinds_of_cold_start_are_all_cold():
    gap = find_gap(LoadTimes([50.0, 150.0, 900.0, 1200.0, 2000.0, 6500.0]))
    assert gap is not None
    assert 150 < gap.threshold_ms < 900


def test_calls_that_do_not_clearly_part_have_no_phase():
    assert find_gap(LoadTimes([50.0, 80.0, 120.0, 150.0])) is None


def test_noise_below_a_millisecond_is_no_cold_start():
    assert find_gap(LoadTimes([0.0, 0.001, 0.02, 0.9])) is None


def test_two_calls_are_too_few_to_tell():
    assert find_gap(LoadTimes([50.0, 5000.0])) is None


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ([28.0, 35.0, 31.0], True),
        # one call is as clear as many beside those of others
        ([40.0], True),
        # nobody knows of times beyond what warm calls of another model take
        ([28.0, 70.0, 90.0], False),
        # nor of a model that was loaded for each call
        ([8000.0, 9000.0], False),
        ([], False),
    ],
)
def test_a_subject_that_was_never_loaded_is_warm_beside_one_that_was(
    times: list[float], told: bool
):
    gaps = find_gaps({"loaded": LoadTimes([9000.0, 30.0, 33.0]), "other": LoadTimes(times)})

    assert ("other" in gaps) is told
    if told:
        assert max(times) < gaps["other"].threshold_ms < 9000


def test_without_a_cold_call_anywhere_nobody_has_a_phase():
    assert find_gaps({"a": LoadTimes([30.0, 33.0, 29.0]), "b": LoadTimes([31.0])}) == {}
