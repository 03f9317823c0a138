"""A whole small chain on one machine: broker, head office, three tills, their scanners and printers.

run, grammar               the command; what may be typed
living, first_screen       from the first line to Ctrl-C; what it says there
running, kept, leash       the chain that runs; a process kept as systemd keeps it, tied to ours
places, seed               folders, ports, configurations; customers and operators of head office
line, devices              a till's line that can be cut; its scanner and its printer
commands, control          the two ends of the socket for commands
gestures, conflict, calls  what they do, and how they call the roles
people, names, towns       plausible customers, the same for the same seed; guests: those whom things are tried on
chain                      the shops and operators
broker                     the MQTT broker that comes in a wheel; never for production
screen, words              the terminal; English and French; status_table: what `status` draws
"""
