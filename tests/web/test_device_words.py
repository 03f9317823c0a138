"""What a person is told of a device that does not work."""

import pytest

from daemon.web.device_words import faulty, gesture_of, messages
from daemon.web.i18n import Words
from daemon.web.parts import DeviceShown

EN, FR = Words("en"), Words("fr")
BY_ID = "/dev/serial/by-id/usb-scanner"


@pytest.mark.parametrize(
    ("told", "gesture"),
    [
        (f"nothing is plugged in at {BY_ID}", f"Plug it in: nothing is at {BY_ID}."),
        ("no input device calls itself 00:11", "Plug it in: nothing is at 00:11."),
        (f"{BY_ID} was unplugged", "It was unplugged: plug it in again."),
        ("the PC/SC reader ACS was unplugged", "It was unplugged: plug it in again."),
        (f"{BY_ID} is in use by another program", f"Another program holds {BY_ID}: close it."),
        ("the card in ACS is in use by another program", "Another program holds ACS: close it."),
        (
            f"nothing that answers like a PN532 is at {BY_ID}; is it switched to HSU?",
            f"No PN532 answers at {BY_ID}: look at its cable and at its switches.",
        ),
        (
            f"nothing that answers like an MSR605 is at {BY_ID}",
            f"No MSR605 answers at {BY_ID}: look at its cable and at its switches.",
        ),
        (f"what is at {BY_ID} is no PN532", f"What is plugged in at {BY_ID} is no PN532."),
        (f"{BY_ID} is not a serial port", f"What is at {BY_ID} is another kind of device."),
        (
            f"no permission to open {BY_ID}; the daemon's user must be in the group dialout",
            f"This machine does not let Comptoir use {BY_ID}: call support.",
        ),
        (
            "the driver failed: KeyError in acme.py, line 7",
            "Unplug it and plug it in again; if that does not help, call support.",
        ),
        ("", ""),
    ],
)
def test_the_sentence_of_a_driver_becomes_what_helps(told: str, gesture: str) -> None:
    assert gesture_of(told, EN) == gesture
    assert not gesture or gesture_of(told, FR) != gesture


def test_every_sentence_is_one_that_can_be_shown() -> None:
    assert all(FR.text(sentence) != sentence for sentence in messages())


def test_one_reader_that_does_not_work_is_named_several_are_counted() -> None:
    def device(name: str, state: str, role: str = "reader") -> DeviceShown:
        return DeviceShown(
            device=name,
            state=state,
            detail="",
            last_read_at=None,
            bad_frames=0,
            reconnects=0,
            role=role,  # type: ignore[arg-type] # a name of a role, as the cases have them
        )

    assert faulty([device("front", "up"), device("badges", "absent", "printer")], EN) == ""
    assert faulty([device("front", "connecting")], EN) == ""
    assert faulty([device("front", "absent"), device("door", "up")], EN) == "front does not read"
    assert faulty([device("front", "absent"), device("door", "error")], FR) == "2 lecteurs à l’arrêt"
