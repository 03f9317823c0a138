"""`make peers`: the exchange benchmark on other libraries, side by side with ours in one run.

workload      the one file that all read: customers, then the edits of both tills with their times
environments  an environment for each, from its lock beside its adapter
replay        what an adapter written in Python does at each step; replay.mjs: the same in JavaScript
race          runs an adapter: seed, two tills in processes of their own, perhaps a hub between; watches its limits
verdict       what became of each edit, by the states that the tills wrote
table         the figures as Markdown, and the page docs/peers.md

A folder each: comptoir (ours), loro, pycrdt, sqlite_session (Python); automerge, pouchdb, rxdb, tinybase (JavaScript).
"""
