"""Decides who a contested e-mail, card or code belongs to. All keep the value; a scan or a search asks the award.

The decision is a record of the hub, never derived by replicas: they would decide differently while they know different
things.
"""

from collections.abc import Sequence

from daemon.domain import authoring
from daemon.domain.change import Operation
from daemon.domain.contest import Contest
from daemon.domain.kinds import Kind


def awards(contest: Contest) -> Sequence[Operation]:
    """The operations that decide a contest; none where a standing award still names a claimant.

    The claimant who came first keeps the value: it is on that customer's card and in their mail already. Of two awards
    (a restored hub has decided anew, then a till gave the old decision back) the newest stands, as tills read them.
    """
    holders = {claimant.customer for claimant in contest.claimants}
    standing = sorted((award for award in contest.awards if award.entity in holders), key=lambda one: one.base)
    if len(holders) < 2:
        return ()
    if standing:
        return [authoring.remove(award) for award in standing[:-1]]
    winner = min(contest.claimants, key=lambda claimant: (claimant.since, claimant.customer))
    stale = [authoring.remove(award) for award in contest.awards]
    won = authoring.add(Kind.AWARD, winner.customer, {1: int(contest.claim), 2: contest.value})
    return (*stale, won)
