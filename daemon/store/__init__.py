"""What survives a power cut: one SQLite file, in WAL with full synchronisation.

database      opens the file; runs units of work, each one transaction on the connection's thread
replica       who this replica is, and what it keeps in memory of the file
elements      loads the view of a merge; delta writes what it decided; buckets: the digest on disk
authoring     the one way in for a user action; changes: its record until a backup holds it; sealing: positions
following     the till's side of a feed; ordering: the hub's; contests: values that several customers hold
search        finds customers by what people remember; customers: by what machines read; at_once: many rows in one step
verify        holds a file against itself; quarantine: what was set aside; scrubbing, doubted_sums: by and by
backup        verified copies of the hub; backup_list: which may be restored; leftovers: what a restore replaced
personal      every table and file that can hold a person; erasure walks it
visits, operators, idempotency, print_jobs, enrolments: the tables of the rooms above
"""
