"""Numbers of French companies: SIREN, SIRET and VAT number, checked and in normal form. The door to `python-stdnum`.

The library is imported at the first number; its modules are small, but a till that shows persons needs none of them.
"""

from collections.abc import Callable
from typing import Final

from daemon.errors import OperatorMistake

_TYPED_LENGTH_MAX: Final = 40
_SEPARATORS: Final = str.maketrans("", "", " .-/\u00a0\u202f\u2009\t")


def parse_siren(typed: str, *, field: str = "siren") -> str:
    """Nine digits of a company; raises OperatorMistake."""
    from stdnum.fr import siren

    return _checked(typed, siren.validate, field, "a SIREN has 9 digits")


def parse_siret(typed: str, *, field: str = "siret") -> str:
    """Fourteen digits of an establishment, those of La Poste with their own rule; raises OperatorMistake."""
    from stdnum.fr import siret

    return _checked(typed, siret.validate, field, "a SIRET has 14 digits")


def parse_vat(typed: str, *, field: str = "vat_number") -> str:
    """A VAT number of the European Union with its country, as `FR40303265045`; raises OperatorMistake.

    Its own digits are checked; eleven digits alone are taken for French. Whether the tax office knows it needs a line
    to it, and is not asked.
    """
    from stdnum.eu import vat

    text = typed.translate(_SEPARATORS).upper()
    if len(text) == 11 and text.isascii() and text.isdecimal():
        text = f"FR{text}"
    return _checked(text, vat.validate, field, "a French VAT number is FR, 2 signs and the 9 digits of the SIREN")


def vat_of_siren(siren: str) -> str:
    """The French VAT number that a valid SIREN has (key of article 286 ter of the general tax code)."""
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def same_company(siret: str, vat_number: str) -> bool:
    """Whether a SIRET and a French VAT number name one SIREN; a foreign or missing number contradicts nothing."""
    return not siret or not vat_number.startswith("FR") or vat_number[4:] == siret[:9]


def show_siret(siret: str) -> str:
    """`303 265 045 00015`, with no-break spaces."""
    return "\u00a0".join((siret[:3], siret[3:6], siret[6:9], siret[9:]))


def _checked(typed: str, validate: Callable[[str], str], field: str, shape: str) -> str:
    from stdnum.exceptions import InvalidChecksum, InvalidComponent, ValidationError

    text = typed.translate(_SEPARATORS).upper()
    if not text:
        raise OperatorMistake(f"{field}: the number is empty; {shape}", field=field)
    if len(text) > _TYPED_LENGTH_MAX or not text.isascii():
        raise OperatorMistake(f"{field}: {shape}", field=field)
    try:
        return str(validate(text))
    except InvalidChecksum as wrong:
        raise OperatorMistake(f"{field}: a digit is wrong, the check digits do not agree", field=field) from wrong
    except InvalidComponent as wrong:
        raise OperatorMistake(
            f"{field}: the number starts with no country of the European Union", field=field
        ) from wrong
    except ValidationError as wrong:
        raise OperatorMistake(f"{field}: {shape}", field=field) from wrong
