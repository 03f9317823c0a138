"""Founds a chain: the identity of its hub, its keys, the broker's files. Running it again changes nothing."""

from pathlib import Path
from typing import Final

from daemon.clock import SystemClock, random_bytes
from daemon.config import HubConfig, read_store_key
from daemon.domain.ids import HUB_SITE
from daemon.errors import Conflicting
from daemon.hub.broker_files import BrokerFiles, Listener
from daemon.hub.chain_keys import ChainKeys, Names, open_chain_keys
from daemon.hub.enrolment import EnrolmentOffice, Terms
from daemon.state_directory import taken
from daemon.store.database import Connection, Database, migrate, open_connection, run
from daemon.store.replica import Identity, read_identity, write_identity
from daemon.sync.topics import Topics

DATABASE: Final = "hub.db"
KEYS: Final = "keys"


def found(config: HubConfig, chain: str) -> Identity:
    """Make what is missing; raises OperatorMistake when the directory belongs to another chain."""
    Topics(chain)
    state = Path(config.hub.state_directory)
    with taken(state):
        key = read_store_key(config.store)
        conn = open_connection(state / DATABASE, key=key.reveal() if key else None)
        try:
            migrate(conn)
            identity = run(conn, lambda c: _identity(c, chain))
        finally:
            conn.close()
        keys(config, chain, may_create=True)
    return identity


def keys(config: HubConfig, chain: str, *, may_create: bool) -> ChainKeys:
    """The chain's keys; server certificates are made anew when the hosts of the configuration changed."""
    public, broker = config.hub.public_host, config.broker.host
    names = Names(
        chain=chain,
        server_hosts=tuple(dict.fromkeys((public, "localhost", "127.0.0.1"))),
        broker_hosts=tuple(dict.fromkeys((public, broker, "localhost", "127.0.0.1"))),
    )
    directory = Path(config.hub.state_directory) / KEYS
    return open_chain_keys(directory, names, SystemClock().now_ms(), may_create=may_create)


def _identity(conn: Connection, chain: str) -> Identity:
    known = read_identity(conn)
    if known is not None:
        if known.chain != chain:
            raise Conflicting(f"this state directory is the hub of the chain {known.chain}", field="chain")
        return known
    incarnation = int.from_bytes(random_bytes(4), "big")
    identity = Identity(chain=chain, site=HUB_SITE, shop=0, incarnation=incarnation, lot=random_bytes(8))
    write_identity(conn, identity)
    return identity


def enrolment_office(config: HubConfig, database: Database, chain: str, chain_keys: ChainKeys) -> EnrolmentOffice:
    """Who enrols tills and tells the broker of them; writes nothing until it is asked to."""
    broker = config.broker
    access = None
    if broker.files is not None:
        access = BrokerFiles(
            Path(broker.files),
            chain=chain,
            listener=Listener(host="", port=broker.port),
            authority=chain_keys.authority,
            server=chain_keys.broker,
        )
    host = config.hub.public_host if broker.host in ("127.0.0.1", "localhost") else broker.host
    terms = Terms(chain=chain, broker_host=host, broker_port=broker.port, pin_key=chain_keys.pin_key)
    return EnrolmentOffice(
        database=database, authority=chain_keys.authority, server=chain_keys.server, terms=terms, access=access
    )
