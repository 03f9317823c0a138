"""Comptoir: customers, cards and loyalty of a retail chain, offline first.

The till (`till`) serves one lane of a shop; the hub (`head_office`) orders what the tills did.

tap   drivers.serial_reader > drivers.card_formats > desk.scan > desk.lookup > store > web.live > screen
badge desk.print_desk > drivers.escpos > drivers.printer
edit  web.api > desk.edit > domain.change > store.changes > sync.session > sync.mqtt
      > hub.relay > sync.mqtt > sync.session > domain.merge > store > screen

Rooms, top to bottom: cli, demo | till, head_office | config, lifecycle, log | web | desk, hub |
drivers, store, sync | domain | certificates, typed, clock, backoff, errors.
"""
