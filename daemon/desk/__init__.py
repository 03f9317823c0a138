"""What happens at the counter. Deciders are pure; the rooms named *Desk do the I/O and decide nothing.

premises      what every desk works with: database, replica, clock, who hears of changes; a call answered once
lookup        finds and identifies customers          scan       says what a scanned code is
edit          creates and edits customers             members    cards, notes, tags, addresses of a customer
visits        one visit per lane, until its sale      operators  sessions, PINs, badges, applications
setting_up    walk-in customer, operators, policies   condition  readiness and replication, in figures
print_desk    print jobs and printers                 badges     which badge a customer gets
shops         shops by number and name                register   everybody, page by page
provenance    why a value stands, disagreements       merging    duplicates, and records that are one person
inquiry       asks head office, shows what differs    policies   what head office has said, with its origin
alerts        what is shown at identification, NPAI   favourites who stands ready when a search opens
custom_fields the chain's own fields                  erasures   receipts, and who has not confirmed
desks         all of them, introduced to each other   events     what they tell while they work

customer, customer_parts, customer_fields, search_answer: the shapes of answers and questions.
"""
