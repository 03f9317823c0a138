"""Values that are made by the tens of thousands: cheap to make, equal by what they hold."""

from dataclasses import replace

from daemon.domain.value import frozen


@frozen
class Place:
    """Where something stands."""

    row: int
    seat: int = 0


def test_values_are_equal_and_hash_by_what_they_hold() -> None:
    assert Place(1, 2) == Place(1, 2) != Place(1, 3)
    assert len({Place(1), Place(1, 0), Place(2)}) == 2


def test_a_value_is_changed_by_making_another() -> None:
    here = Place(1, 2)
    assert (replace(here, seat=3), here) == (Place(1, 3), Place(1, 2))


def test_a_value_has_no_room_for_anything_else() -> None:
    assert not hasattr(Place(1), "__dict__")
