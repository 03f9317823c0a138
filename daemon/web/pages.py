"""The door to Jinja2: templates become pages. Everything is escaped; a name that a template misspells is an error."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from daemon.clock import random_id
from daemon.desk import instant
from daemon.domain.card_symbol import number_as_read
from daemon.web.i18n import Words

TEMPLATES: Final = Path(__file__).parent / "templates"


class Pages:
    """The compiled templates of this process; `address` says where a static file is served."""

    def __init__(self, address: Callable[[str], str]) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals |= {"asset": address, "fresh_key": lambda: random_id().hex()}
        self._environment.filters |= {"ms": _ms, "as_read": number_as_read}

    def render(self, template: str, words: Words, **view: object) -> str:
        """A page in a language; templates call `_` and `counted` for their words."""
        return self._environment.get_template(template).render(view, words=words, _=words.text, counted=words.counted)


def _ms(moment: str) -> int:
    """Milliseconds of a moment as the desks tell it."""
    return instant.parse(moment, field="moment")
