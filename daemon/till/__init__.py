"""The till: opens every room in order, closes them in reverse.

run           the composition root
performer     carries out what the session wants, as units of the store
conversation  the shell between the broker, the session and the store
"""
