"""The rules, pure: no clock, no chance, no I/O; what they need to know is an argument.

kinds      the one table of what exists and how it merges; change, element: what is said, what is held
merge      which of two edits wins; restamp, contest, ledger, digest, claims beside it
canonical  the bytes that are hashed, stored and sent; hlc: stamps; ids: identities; feed: what travels
code, payment_card  what a scanner may read, and what nobody may keep
folding, searched_words, ranking  what finds a customer; leaving: who is not found any more
phone, mail_address, postal_code, company_number, birthday, countries  normal forms
customer_draft, customer_sheet, spreadsheet, headings  files of customers
badge, badge_layout, card_symbol, text_fit, print_job  what is printed
visit, policy, role, pin  the counter and its people
"""
