"""Where a planted bug shows itself soonest: the recipes that prepare what it breaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.simulation import generating, recipes
from tests.simulation.additions import ADDITIONS
from tests.simulation.generating import Recipe
from tests.simulation.planting import Plant

_PLACES: Mapping[str, Sequence[Recipe]] = {
    "positions_used_again": (generating.old_image, generating.copied_box),
    "record_numbers_used_again": (generating.full_disk_at_the_hub,),
    "units_without_a_transaction": (generating.full_disk_at_the_hub,),
    "erased_live_again": (recipes.erased_while_away,),
    "erased_are_ordered": (recipes.erased_while_away,),
    "forgotten_before_the_backup": (generating.old_hub,),
    "newest_backup_promised": (recipes.oldest_backup,),
    "no_generation": (generating.old_hub,),
    "places_go_with_their_records": (recipes.pruned_since_a_restore,),
    "outbox_dropped_at_a_restore": (generating.image_of_open_records, generating.copied_box),
    "rights_given_again_by_a_copy": (recipes.copied_rights,),
    "reseal_keeps_the_incarnation": (generating.clock_ahead,),
    "stamp_not_after_what_it_replaces": (recipes.clock_a_little_ahead,),
    "lost_not_given_back": (recipes.only_others_know,),
    "parked_forgotten": (recipes.known_only_later,),
    "unseen_edit_of_a_removed_member_vanishes": (recipes.removed_while_edited,),
    "removal_by_value": (recipes.same_card_twice,),
    "guard_ignored": (recipes.refused_again,),
    "echo_is_foreign": (generating.image_of_open_records, generating.clock_ahead),
    "restamped_in_place_only": (recipes.ahead_in_a_storm,),
    "stamp_of_the_hub_ignored": (generating.image_of_open_records,),
    "rows_of_any_time_are_taken": (recipes.damaged_in_a_storm,),
    "followed_from_the_last_rows": (recipes.filled_in_a_storm,),
    "filled_before_all_is_acknowledged": (recipes.filled_while_people_act,),
    "waiting_records_not_laid_over": (recipes.said_while_filled,),
    "entries_dropped": (recipes.only_the_filled_know,),
    "fetch_stands_at_damage": (recipes.damaged_under_what_waits,),
    "hub_keeps_its_damage": (recipes.damaged_at_the_hub,),
    "hub_believes_whoever_answers": (recipes.damaged_at_the_hub,),
    "damage_is_not_looked_for": (generating.flipped,),
}


def looked_for_in(plant: Plant) -> Sequence[Recipe]:
    """The recipes to begin with; none: any will do."""
    name = plant.__name__
    for one in ADDITIONS:
        if name in one.looked_for_in:
            return one.looked_for_in[name]
    return _PLACES.get(name, ())
