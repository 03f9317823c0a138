"""What head office does. It is here because both ends must run the same wire and the same merge.

relay         the conversation with all tills, a pure machine        intake   takes batches in, decides contests
arbiter       who a contested value belongs to                       fleet    every till and how it is
enrolment     one-use codes, certificates, revoking                  chain_keys, broker_files: what they rest on
"""
