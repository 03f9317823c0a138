"""One line of text as it is kept: labels, reasons, typed articles."""

from daemon.domain.payment_card import holds_payment_card
from daemon.errors import OperatorMistake


def plain_line(typed: str, field: str, length_max: int) -> str:
    """What cannot be seen becomes a space, spaces collapse; raises OperatorMistake naming the field."""
    found = " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())
    if len(found) > length_max:
        raise OperatorMistake(f"{field}: the text has more than {length_max} characters", field=field)
    if holds_payment_card(found):
        raise OperatorMistake(f"{field}: this holds the number of a payment card, which is not kept", field=field)
    return found
