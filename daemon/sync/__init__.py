"""The line between a till and the hub, a lossy pipe.

wire       messages and their bytes; columns: how records lie in them
session    the till's side of the conversation: events in, commands out; inbox: one feed as it is heard
placing    what a till decides when it hears where the hub stands; reporting: when it says how it is
commands   the vocabulary of the session
mqtt       the door to the broker; link: what the others see of it; topics: who publishes where
identity   who a till is, on its disk; enrol_client, enrol_wire: how it became so
"""
