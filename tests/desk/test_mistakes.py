"""Several mistakes of one request, told together."""

import pytest

from daemon.desk.mistakes import Mistakes
from daemon.errors import Forbidden, OperatorMistake


def refused(mistakes: Mistakes) -> OperatorMistake:
    with pytest.raises(OperatorMistake) as found:
        mistakes.refuse()
    return found.value


def test_what_is_wrong_with_each_field_is_told_once_the_first_of_it() -> None:
    mistakes = Mistakes()
    with mistakes:
        raise OperatorMistake("email: this is no address", field="email")
    with mistakes:
        raise OperatorMistake("siret: this is no SIRET", field="siret")
    mistakes.add(OperatorMistake("email: this is too long", field="email"))
    assert mistakes.fields == {"email", "siret"}
    first = refused(mistakes)
    assert (str(first), [str(one) for one in first.beside]) == (
        "email: this is no address",
        ["siret: this is no SIRET"],
    )


def test_what_a_mistake_brings_with_it_is_told_too() -> None:
    inner, outer = Mistakes(), Mistakes()
    inner.add(OperatorMistake("a", field="a"))
    inner.add(OperatorMistake("b", field="b"))
    outer.add(OperatorMistake("c", field="c"))
    with outer:
        inner.refuse()
    assert [str(one) for one in refused(outer).beside] == ["a", "b"]


def test_nothing_wrong_is_nothing_refused() -> None:
    Mistakes().refuse()


def test_who_may_not_and_what_names_no_field_are_refused_at_once() -> None:
    with pytest.raises(Forbidden), Mistakes():
        raise Forbidden("not you", field="blocked")
    with pytest.raises(OperatorMistake), Mistakes():
        raise OperatorMistake("no")
