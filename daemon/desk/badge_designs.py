"""Head office says how badges look; every till obeys."""

from daemon.desk.premises import Call, Premises
from daemon.desk.setting_up import SetUpDesk
from daemon.domain import policy
from daemon.domain.badge_design import BADGE_LAYOUT, BadgeDesign, design_of, design_text, read_design
from daemon.domain.kinds import SHAPES, Kind
from daemon.errors import OperatorMistake
from daemon.store import customers

_LENGTH_MAX = SHAPES[Kind.POLICY].fields[policy.VALUE].length_max


class BadgeDesignDesk:
    """Where the design of badges is kept."""

    def __init__(self, premises: Premises, setting_up: SetUpDesk) -> None:
        self._premises = premises
        self._setting_up = setting_up

    async def design(self) -> BadgeDesign:
        """The design that holds here; the one that we ship where head office has said nothing."""
        found = await self._premises.database.read(lambda conn: customers.policy(conn, BADGE_LAYOUT))
        return design_of(policy.text_of(found))

    async def change(self, call: Call, raw: bytes) -> BadgeDesign:
        """Say how badges look from now on; raises OperatorMistake naming the place at fault."""
        design = read_design(raw)
        text = design_text(design)
        if len(text) > _LENGTH_MAX:
            raise OperatorMistake(
                f"parts: a design has at most {_LENGTH_MAX} characters, its logo included", field="parts"
            )
        await self._setting_up.say_policy(call, BADGE_LAYOUT, text)
        return design
