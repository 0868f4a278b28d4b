from benchagent.measurements.phases import find_gap


def test_cold_and_warm_part_at_the_widest_gap():
    gap = find_gap([2074.0, 102.0, 80.0, 66.0, 51.0])
    assert gap is not None
    assert 102 < gap.threshold_ms < 2074
    assert round(gap.ratio, 1) == 20.3


def test_several_kinds_of_cold_start_are_all_cold():
    gap = find_gap([50.0, 150.0, 900.0, 1200.0, 2000.0, 6500.0])
    assert gap is not None
    assert 150 < gap.threshold_ms < 900


def test_calls_that_do_not_clearly_part_have_no_phase():
    assert find_gap([50.0, 80.0, 120.0, 150.0]) is None


def test_noise_below_a_millisecond_is_no_cold_start():
    assert find_gap([0.0, 0.001, 0.02, 0.9]) is None


def test_two_calls_are_too_few_to_tell():
    assert find_gap([50.0, 5000.0]) is None
