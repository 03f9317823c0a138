"""The command line `comptoir`. It speaks to a running daemon over its unix socket, or looks after one that is stopped.

program       one call from the arguments to the exit code     grammar*      what may be typed
invocation    what a command works with                        place         which daemon is meant
caller        HTTP over the unix socket                        exits         exit codes
terminal, progress, asking, moments, words (locale/)           what people read, in French and English

customers, customer_import, customer_export, customer_view, card     customers of a running daemon
setup, sync_status, devices, doctor (check, check_machine, check_state)            care of a machine
daemons, till_enrol, hub_init, hub_tills, hub_backup, owner                        both roles from birth to restore
"""
