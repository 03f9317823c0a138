"""The sentence above the fleet, the order of its rows, what is unknown."""

from datetime import UTC
from typing import Any

from daemon.web.fleet_view import Fleet, TillRow, fleet_of
from daemon.web.i18n import Words
from daemon.web.parts import FarDevice, TillShown

NOW_MS = 1_760_000_000_000


def till(site: int, **facts: Any) -> TillShown:
    known = {
        "shop": 7,
        "label": f"Till {site}",
        "online": True,
        "heard_at": "2025-10-09T08:53:15Z",
        "version": "0.1.0",
        "clock_ahead_ms": 0,
        "offset": 1,
        "behind": 0,
        "waiting": 0,
    }
    return TillShown(site=site, **{**known, **facts})


def fleet(*tills: TillShown) -> Fleet:
    return fleet_of(tills, Words("en", UTC), NOW_MS)


def row(**facts: Any) -> TillRow:
    return fleet(till(12, **facts)).rows[0]


def test_a_chain_in_order_says_so() -> None:
    assert fleet(till(12), till(13)).title == "All is up to date"
    assert fleet(till(12), till(13)).beneath == "2 tills, all equal to head office."
    assert fleet().title == "No till is enrolled yet"


def test_the_first_three_that_are_wrong_are_named() -> None:
    found = fleet(till(12), *(till(site, online=False) for site in (13, 14, 15, 16)))
    assert found.title == "1 till of 5 up to date"
    assert found.beneath.endswith("And 1 more.")
    assert found.beneath.count("is offline") == 3


def test_rows_stand_in_the_order_of_their_trouble_and_revoked_ones_do_not_count() -> None:
    found = fleet(till(12), till(13, revoked=True), till(14, waiting=2), till(15, online=False), till(16, behind=9))
    assert [one.site for one in found.rows] == [15, 14, 16, 12, 13]
    assert found.title == "1 till of 4 up to date"


def test_what_a_till_never_said_is_unknown() -> None:
    silent = {"online": False, "heard_at": None, "version": None, "clock_ahead_ms": None, "behind": None}
    found = row(**silent, waiting=None, offset=None, label="")
    assert (found.state, found.behind, found.waiting) == ("never", None, None)
    assert (found.heard, found.version, found.clock, found.label) == ("", "", "", "Till 12")


def test_last_contact_is_now_or_a_moment_with_its_age() -> None:
    assert row().heard == "just now"
    assert row(heard_at=None).heard == "just now"
    assert row(online=False, heard_at="2025-10-09T02:35:00Z").heard.replace("\u00a0", " ") == "02:35, 6 h 18 ago"


def test_a_clock_is_right_ahead_or_slow() -> None:
    shown = [
        (row(clock_ahead_ms=ms).clock.replace("\u00a0", " "), row(clock_ahead_ms=ms).is_clock_wrong)
        for ms in (1999, 5000, -61_000)
    ]
    assert shown == [("right", False), ("5 s ahead", True), ("1 min slow", True)]


def test_devices_that_need_somebody_are_named_and_what_was_never_told_is_unknown() -> None:
    def device(name: str, state: str) -> FarDevice:
        return FarDevice(
            device=name, state=state, last_read_at=None, bad_frames=0, suppressed=0, reconnects=0, refused_full=0
        )

    assert (row().devices, row().are_devices_wrong) == ("", False)
    assert row(devices=()).devices == "none"
    assert row(devices=(device("scanner", "up"), device("badges", "connecting"))).devices == "2 work"
    wrong = row(devices=(device("scanner", "absent"), device("badges", "up"), device("nfc", "error")))
    assert (wrong.devices, wrong.are_devices_wrong) == ("Look at scanner, nfc", True)


def test_a_disk_that_is_nearly_full_is_named_above_and_what_is_not_told_is_unknown() -> None:
    found = row()
    assert (found.proved, found.otherwise, found.conflicts, found.disk) == ("", "", "", "")
    assert (found.are_conflicts, found.is_disk_low) == (False, False)
    low = fleet(till(12, disk_free_bytes=900 * 10**6), till(13, disk_free_bytes=20 * 10**9))
    assert [(one.disk.replace("\u00a0", " "), one.is_disk_low) for one in low.rows] == [
        ("900 MB", True),
        ("20 GB", False),
    ]
    assert low.beneath.replace("\u00a0", " ") == "Till 12 has little room left on its disk: 900 MB free."
    assert low.title == "All is up to date"


def test_a_copy_was_proved_equal_at_a_moment_and_conflicts_are_counted_as_far_as_a_till_counts() -> None:
    told = {"proved_at": "2025-10-09T08:51:00Z", "conflicts": 3, "otherwise": 1}
    found = row(**told)
    assert found.proved.replace("\u00a0", " ") == "2 min ago"
    assert (found.otherwise, found.conflicts, found.are_conflicts) == ("1 row was otherwise", "3", True)
    assert row(conflicts=0).conflicts == "0"
    assert row(conflicts=1000).conflicts == "1,000 or more"


def test_a_till_that_was_another_box_is_named_until_somebody_has_written_off_what_that_one_held() -> None:
    told = {"former_box_since": "2025-10-09T08:53:15Z"}
    found = fleet(till(12, **told), till(13, **told, revoked=True), till(14))
    assert found.beneath.startswith("Till 12 is another box since ")
    assert found.beneath.endswith("what the former one could spend waits to be written off.")
    assert [one.former != "" for one in found.rows] == [True, False, False]
