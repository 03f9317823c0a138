"""What the machine's clocks say of themselves."""

import os
from pathlib import Path

import pytest

from daemon import clock
from daemon.clock import TRUSTED_S, SystemClock, kernel_is_synchronised, synchronised_ms


def test_the_kernel_is_asked_without_harm() -> None:
    assert kernel_is_synchronised() in (True, False, None)


@pytest.mark.parametrize(("kernel", "is_known"), [(True, True), (False, False)])
def test_the_kernels_word_goes_before_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kernel: bool, is_known: bool
) -> None:
    touched = tmp_path / "synchronized"
    touched.touch()
    monkeypatch.setattr(clock, "kernel_is_synchronised", lambda: kernel)
    assert (synchronised_ms(touched) is not None) is is_known


@pytest.mark.parametrize(
    ("age_s", "is_known"), [(5, True), (TRUSTED_S - 60, True), (TRUSTED_S + 60, False), (-600, False)]
)
def test_where_the_kernel_may_not_be_asked_a_fresh_touch_of_timesyncd_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, age_s: int, is_known: bool
) -> None:
    monkeypatch.setattr(clock, "kernel_is_synchronised", lambda: None)
    touched = tmp_path / "synchronized"
    assert synchronised_ms(touched) is None
    touched.touch()
    at_s = SystemClock().now_ms() / 1000 - age_s
    os.utime(touched, (at_s, at_s))
    assert (synchronised_ms(touched) is not None) is is_known


def test_the_time_of_a_process_goes_on_as_it_began_however_the_clock_is_set() -> None:
    shown, up = [1_790_000_000_000], [5_000]
    one = SystemClock(lambda: shown[0], lambda: up[0])
    assert one.now_ms() == 1_790_000_000_000
    for jump in (-1_790_000_000_000, 86_400_000, -3_600_000):
        shown[0] += jump
        up[0] += 250
    assert one.now_ms() == 1_790_000_000_750
    assert SystemClock(lambda: shown[0], lambda: up[0]).now_ms() == shown[0], "the next process begins with it"
