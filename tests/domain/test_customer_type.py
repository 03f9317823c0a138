"""Types of customers, pure."""

import pytest

from daemon.domain.customer_type import (
    DISCOUNT,
    LABEL,
    WITHDRAWN,
    CustomerType,
    CustomerTypeEdit,
    decide_type,
    is_withdrawn,
    type_of,
    types_of,
)
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.errors import NotFound, OperatorMistake

ID = EntityId(b"typetype")


def row() -> Element:
    return Element(Kind.CUSTOMER_TYPE, ID, b"", (1, 2, 3), {LABEL: "Pro", DISCOUNT: 500})


def test_a_type_is_read_from_its_row_whatever_stands_there() -> None:
    assert type_of(row()) == CustomerType(id=ID.hex(), label="Pro", discount=500)
    odd = Element(Kind.CUSTOMER_TYPE, ID, b"", (1, 2, 3), {LABEL: 1, DISCOUNT: "x", 3: 5, WITHDRAWN: (True, None)})
    assert type_of(odd) == CustomerType(id=ID.hex(), label="", withdrawn=True)
    assert types_of([row(), Element(Kind.GROUP, ID, b"", (1, 2, 3))]).keys() == {ID.hex()}
    assert not is_withdrawn(None)


def test_a_type_is_made_changed_withdrawn_and_taken_back() -> None:
    whole = CustomerTypeEdit(label="Pro", discount=500, tax_category="pro", employee=True)
    (made,) = decide_type(None, ID, whole, frozenset({"label", "discount", "tax_category", "employee"}), is_new=True)
    assert made.fields == {1: "Pro", 2: 500, 3: "pro", 4: 1}
    assert decide_type(row(), ID, whole, frozenset({"label", "discount"}), is_new=False) == []
    (gone,) = decide_type(row(), ID, CustomerTypeEdit(withdrawn=True), frozenset({"withdrawn"}), is_new=False)
    assert gone.fields[WITHDRAWN][0] is True
    assert decide_type(row(), ID, CustomerTypeEdit(withdrawn=False), frozenset({"withdrawn"}), is_new=False) == []
    (emptied,) = decide_type(row(), ID, CustomerTypeEdit(), frozenset({"discount"}), is_new=False)
    assert emptied.fields == {DISCOUNT: None}


def test_a_type_without_a_label_or_that_is_not_there_is_refused() -> None:
    for is_new, present in ((True, frozenset[str]()), (False, frozenset({"label"}))):
        with pytest.raises(OperatorMistake, match="label: the type has no label"):
            decide_type(row(), ID, CustomerTypeEdit(label=" "), present, is_new=is_new)
    with pytest.raises(NotFound):
        decide_type(None, ID, CustomerTypeEdit(discount=5), frozenset({"discount"}), is_new=False)
