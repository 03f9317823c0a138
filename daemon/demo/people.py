"""Plausible French customers for the demo and the benches: the same for the same seed, nobody real.

Each customer comes from its own number alone (a hash of seed and index), so that any range can be made anywhere. Names
and towns are real; numbers are those kept for fiction, addresses of e-mail lie in the domains of RFC 2606.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from typing import Final

from daemon.demo.names import (
    ALMOST,
    BRETON_NAMES,
    COMPANY_FORMS,
    COMPOUND_ENDS,
    COMPOUND_STARTS,
    FIRST_NAMES,
    KER_ENDS,
    LAST_NAMES,
    NOBLE_NAMES,
    OTHER_NAMES,
    SPELLED_ALMOST,
)
from daemon.demo.towns import FICTION_MOBILE, SECOND_LINES, STREETS, TOWNS, fixed_prefix
from daemon.domain.cell_words import Consent
from daemon.domain.company_number import vat_of_siren
from daemon.domain.customer_draft import AddressDraft, CustomerDraft
from daemon.domain.folding import fold
from daemon.domain.kinds import CHANNELS

_POOL: Final = 4096
_NUMBERS: Final = struct.Struct("<32H").unpack
_SEEDED: Final = struct.Struct("<Qq").pack
FICTION_NUMBERS: Final = 10_000
"""Telephone numbers of a range kept for fiction: so many customers have one of their own."""
_TWIN_EVERY: Final = 97
_BORN_LAST: Final = 2007
_DOMAINS: Final = ("example.com", "example.net", "example.org", "mail.example.com")
_TAGS: Final = (
    ["Fidèle"],
    ["VIP"],
    ["Presse"],
    ["Jardin", "Fidèle"],
    ["Atelier"],
    ["Mariage"],
    ["Voisin"],
    ["Été", "VIP"],
)
_DAYS: Final = tuple(
    f"-{month:02d}-{day:02d}"
    for month, days in enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1)
    for day in range(1, days + 1)
)
_Named = tuple[str, str]
"""A name, and how an e-mail address writes it."""


class People:
    """The customers of one seed. `shared_phones` gives everybody a number, the same one to hundreds in a large set."""

    def __init__(self, seed: int = 1, *, shared_phones: bool = False) -> None:
        self._seed = seed % 2**64
        self._shared_phones = shared_phones
        self._last = _spread(_last_names())
        self._first = {key: _spread(_falling(names)) for key, names in FIRST_NAMES.items()}
        self._towns = _spread([((name, code), weight) for name, codes, weight in TOWNS for code in codes.split()])
        self._consents = tuple(_consents(bits) for bits in range(4**6))

    def customers(self, count: int = 2_000, start: int = 0) -> Iterator[CustomerDraft]:
        """`count` customers from number `start` on, under the names of the API."""
        for index in range(start, start + count):
            yield self.customer(index)

    def customer(self, index: int) -> CustomerDraft:
        """One of them; every 97th is another one's twin, spelled almost alike, for who looks for duplicates."""
        if index % _TWIN_EVERY == _TWIN_EVERY - 1:
            return self._twin(index)
        n = self._draw(index)
        last, slug = self._last[n[0] % _POOL]
        if n[1] % 100 < 5:
            draft = self._company(last, n)
        else:
            draft = self._person(last, n)
            slug = f"{fold(draft['first_name']).replace(' ', '-')}.{slug}"
        draft["code"] = f"C{index + 1:06d}"
        if n[2] % 100 < 85:
            draft["email"] = f"{slug}{index + 1}@{_DOMAINS[n[3] % 4]}"
        self._reach(draft, n, index)
        if n[4] % 100 < 70:
            draft["cards"] = [card_number(index)]
        if n[5] % 100 < 12:
            draft["tags"] = list(_TAGS[n[6] % 8])
        if n[7] % 100 < 8:
            draft["member_number"] = f"M-{index + 1:06d}"
        consents = self._consents[n[8] % 4096]
        if consents:
            draft["consents"] = dict(consents)
        return draft

    def customer_id(self, index: int) -> bytes:
        """8 bytes for who needs an id that stays the same from run to run."""
        return hashlib.blake2b(_SEEDED(self._seed, index), digest_size=8, person=b"customer id").digest()

    def _draw(self, index: int) -> tuple[int, ...]:
        """32 numbers below 65 536."""
        return _NUMBERS(hashlib.blake2b(_SEEDED(self._seed, index)).digest())

    def _person(self, last: str, n: tuple[int, ...]) -> CustomerDraft:
        age = 18 + (n[9] % 37) + (n[10] % 37)
        woman = n[11] % 100 < 56
        generation = 1950 if age > 58 else 1980 if age > 33 else 2000
        first = self._first["f" if woman else "m", generation][n[12] % _POOL][0]
        draft = CustomerDraft(kind="person", first_name=first, last_name=last)
        if n[13] % 100 < 60:
            draft["civility"] = "Mme" if woman else "M."
        if n[14] % 100 < 70:
            draft["birthday"] = _birthday(n[15] % 366, _BORN_LAST + 18 - age if n[14] % 100 < 50 else None)
        if n[14] % 256 == 0:
            draft["language"] = "en"
        return draft

    def _company(self, last: str, n: tuple[int, ...]) -> CustomerDraft:
        name = COMPANY_FORMS[n[12] % len(COMPANY_FORMS)].format(last)
        draft = CustomerDraft(kind="company", company_name=name)
        if n[13] % 2:
            siren = _with_luhn_digit(f"001{n[14]:05d}")  # made up: no company is known whose SIREN starts so
            draft["siret"] = _with_luhn_digit(f"{siren}0001")
            draft["vat_number"] = vat_of_siren(siren)
        return draft

    def _reach(self, draft: CustomerDraft, n: tuple[int, ...], index: int) -> None:
        city, code = self._towns[n[16] % _POOL]
        number, street = n[17] % 140 + 1, STREETS[n[18] % len(STREETS)]
        repeat = " bis" if n[19] % 32 == 0 else ""
        address = AddressDraft(line1=f"{number}{repeat} {street}", postal_code=code, city=city, country="FR")
        if n[20] % 100 < 7:
            address["line2"] = SECOND_LINES[n[21] % len(SECOND_LINES)]
        if n[22] % 100 < 92:
            draft["address"] = address
        if index >= FICTION_NUMBERS and not self._shared_phones:
            return
        own = (index * 7919 + self._seed) % FICTION_NUMBERS
        if n[23] % 100 < 80:
            draft["mobile"] = f"{FICTION_MOBILE}{own:04d}"
        prefix = fixed_prefix(code)
        if n[24] % 100 < 35 and prefix:
            draft["phone"] = f"{prefix}{own:04d}"

    def _twin(self, index: int) -> CustomerDraft:
        """The same person met again: another code and mail address, no card, a name as somebody else heard it."""
        draft = self.customer(index - 1 - self._draw(index)[0] % 50)
        draft.pop("cards", None)
        draft.pop("email", None)
        draft.pop("member_number", None)
        draft["code"] = f"C{index + 1:06d}"
        if draft["kind"] == "company":
            draft["company_name"] = draft["company_name"].upper()
        else:
            draft["last_name"] = _almost(draft["last_name"])
            draft["email"] = f"{fold(draft['last_name']).replace(' ', '')}{index + 1}@example.org"
        return draft


def card_number(index: int) -> str:
    """An EAN-13 of the in-store prefix 29, different for each index below 10¹⁰ and not in their order."""
    body = f"29{index * 4_294_967_291 % 10**10:010d}"
    return body + str(-(sum(map(int, body[::2])) + 3 * sum(map(int, body[1::2]))) % 10)


def _last_names() -> Iterator[tuple[_Named, int]]:
    """Names with their weights; those made of two parts give a large set the long tail that real names have."""
    for named, weight in _falling(LAST_NAMES, start=24):
        yield named, weight * 3
    yield from _falling(BRETON_NAMES, start=24)
    for name in OTHER_NAMES + NOBLE_NAMES:
        yield (name, _slug(name)), 24
    rare = [f"{start}{end}" for start in COMPOUND_STARTS for end in COMPOUND_ENDS]
    rare += [f"Ker{end}" for end in KER_ENDS]
    rare += [f"{one}-{other}" for one, other in zip(LAST_NAMES[:120], LAST_NAMES[7:127], strict=True)]
    for name in rare:
        yield (name, _slug(name)), 6


def _falling(names: tuple[str, ...], start: int = 12) -> Iterator[tuple[_Named, int]]:
    """Weights that fall as frequencies of names do (Zipf, its first ranks flattened)."""
    for rank, name in enumerate(names):
        yield (name, _slug(name)), 6000 // (rank + start)


def _slug(name: str) -> str:
    return fold(name).replace(" ", "-")


def _spread(weighted: Iterable[tuple[_Named, int]]) -> tuple[_Named, ...]:
    """A pool of `_POOL` places shared out by weight, at least one each while there are places."""
    entries = list(weighted)
    total = sum(weight for _, weight in entries)
    places: list[_Named] = []
    passed = 0
    for number, (value, weight) in enumerate(entries, start=1):
        passed += weight
        until = max(len(places) + 1, passed * (_POOL - len(entries)) // total + number)
        places.extend([value] * (until - len(places)))
    return tuple(places[:_POOL])


def _consents(bits: int) -> dict[str, Consent]:
    """Two bits a channel: granted, refused, or, twice as often, never asked."""
    drawn = [(channel, bits >> 2 * place & 3) for place, channel in enumerate(CHANNELS)]
    said: dict[int, Consent] = {1: "granted", 2: "refused"}
    return {channel: said[two] for channel, two in drawn if two in said}


def _birthday(day: int, year: int | None) -> str:
    if year is None:
        return f"-{_DAYS[day]}"
    return f"{year - year % 4 if _DAYS[day] == '-02-29' else year}{_DAYS[day]}"


def _with_luhn_digit(digits: str) -> str:
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def _almost(name: str) -> str:
    if name in SPELLED_ALMOST:
        return SPELLED_ALMOST[name]
    for written, heard in ALMOST:
        if written in name:
            return name.replace(written, heard, 1)
    return f"{name}t" if name[-1] in "aeiou" else f"{name}e"
