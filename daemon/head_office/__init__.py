"""Head office: opens every room in order, closes them in reverse.

run           the composition root
performer     carries out what the relay wants, as units of the store
conversation  the shell between the broker, the relay and the store
housekeeping  forgets old records of the feed
"""
