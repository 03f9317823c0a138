from daemon.demo.grammar import CUSTOMERS_MIN
from daemon.demo.guests import guests
from daemon.demo.people import People


def test_the_guests_are_persons_with_a_card_among_the_first_customers() -> None:
    found = guests(3)
    people = People()
    known = {people.customer_id(index).hex(): people.customer(index) for index in range(CUSTOMERS_MIN)}
    for guest in found:
        draft = known[guest.id]
        assert (draft["kind"], draft["cards"]) == ("person", [guest.code])
        assert guest.name == f"{draft['first_name']} {draft['last_name']}"
        assert "mobile" in draft


def test_no_two_guests_have_the_same_first_name() -> None:
    assert len({guest.first_name for guest in guests(5)}) == 5
