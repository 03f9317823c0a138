"""The local HTTP: the API under /api/v1, live events, and the pages. Sees the desks, nothing behind them.

server     builds the application and serves it on loopback and on a unix socket
api        the one table of routes; openapi describes it, dispatch mounts it
customers, counter, visits, printing, observing, staff: what each route calls
route      a route, what it is asked, what it answers       parts     what the application is made of
callers    who calls: token, session cookie, owner of the socket
guard      host, origin, limits, headers                    problems  errors as RFC 9457 says them
live       the ring of events and its listeners             metrics   figures without persons
http       the door to aiohttp
"""
