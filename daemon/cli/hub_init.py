"""`comptoir hub init`: founds a chain; running it again makes only what is missing."""

import asyncio
from pathlib import Path

from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.owner import act_as_owner
from daemon.cli.place import config_path
from daemon.cli.words import _
from daemon.clock import SystemClock
from daemon.config import HubConfig, load_hub, read_store_key
from daemon.head_office.founding import DATABASE, enrolment_office, found, keys
from daemon.hub.chain_keys import ChainKeys
from daemon.state_directory import taken
from daemon.store.database import open_database


def run(at: Invocation) -> int:
    """Found the chain; raises OperatorMistake when the directory is the hub of another one."""
    config = load_hub(config_path(at.given, role="hub"))
    state = Path(config.hub.state_directory)
    is_new = not (state / DATABASE).exists()
    act_as_owner(state, "hub")
    identity = found(config, at.given.chain)
    chain_keys = keys(config, identity.chain, may_create=False)
    if config.broker.files is not None:
        with taken(state):
            asyncio.run(_write_broker_files(config, chain_keys, identity.chain))
    told = {
        "chain": identity.chain,
        "state_directory": str(state),
        "enrolment": f"{config.hub.public_host}:{config.enrol.port}",
        "broker_files": config.broker.files,
        "created": is_new,
    }
    if at.terminal.as_json:
        at.terminal.answer(told)
    elif is_new:
        at.terminal.note(_("The chain {chain} is founded in {state_directory}.").format(**told), "green")
        at.terminal.note(_("Next: sudo systemctl enable --now comptoir-hub, then sudo comptoir hub shop add 1 NAME"))
    else:
        at.terminal.note(_("The chain {chain} was founded already: all is there.").format(**told), "green")
    return Exit.OK


async def _write_broker_files(config: HubConfig, chain_keys: ChainKeys, chain: str) -> None:
    """The broker can start before the hub does; with tills enrolled it is told of them."""
    key = read_store_key(config.store)
    path = Path(config.hub.state_directory) / DATABASE
    async with open_database(path, key=key.reveal() if key else None) as database:
        office = enrolment_office(config, database, chain, chain_keys)
        await office.announce(SystemClock().now_ms())
