"""Benchmarks: each prints a ratio to a named floor measured in the same run, with the seconds beside.

exchange  two replicas edit 20 000 customers apart and meet again; floor: bare upserts
edits     durable edits per second through the store; floor: bare FULL commits
search    a search per key with 100 000 customers; floor: one indexed SELECT
scan      bytes on a pty to an event at an HTTP client; floor: the same pty, one indexed SELECT, a constant event
screens   the till's pages in a slowed Chromium: weight, first paint, key and scan to painted, heap; beside budgets
till      an idle till: memory, time to ready
"""
