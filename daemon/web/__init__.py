"""The local HTTP: the API under /api/v1, live events, and the pages. Sees the desks, nothing behind them.

server     builds the application and serves it on loopback and on a unix socket
api        the one table of routes; openapi describes it, dispatch mounts it
customers, counter, visits, printing, observing, staff, shop_routes, device_routes, fleet_api: what routes call
route      a route, what it is asked, what it answers       parts     what the application is made of
callers    who calls: token, session cookie, owner of the socket
guard      host, origin, limits, headers                    problems  errors as RFC 9457 says them
live       the ring of events and its listeners             metrics   figures without persons
surface    a set of pages: who asks, what stands around a screen; pages: the door to Jinja2
*_page     routes of screens (till, office, session, customer, edit, held)      *_view  what they show
customer_form, truth_line, page_problem, aside, i18n, static_files, barcode_svg: their parts
enrol_app  what machines that nobody knows are served       http      the door to aiohttp
"""
