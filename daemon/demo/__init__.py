"""A whole small chain on one machine: broker, hub, three tills, their scanners and printers.

people, names, towns  plausible customers, the same for the same seed
chain                 the shops and operators
broker                the MQTT broker that comes in a wheel; never for production
"""
