"""What survives a power cut: one SQLite file, in WAL with full synchronisation.

database      opens the file; runs units of work, each one transaction on the connection's thread
replica       who this replica is, and what it keeps in memory of the file
elements      loads the view of a merge, writes its delta, keeps the digest
changes       saves a user action and its record together; seals, resends, settles
feed          applies what the hub ordered; cursors, parked operations, marks
ordering      the hub's side: positions, the log, who has said what
search        finds customers by what people remember of them
customers     finds customers by what machines read
personal      every table that can hold a person; erasure walks it
"""
