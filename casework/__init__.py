"""People's records: conversations, messages, situations, consents, help requests, handoffs, accounts, audit.

Every function takes a session of `casework.database.Database`, which is one transaction: what it returns
without an error is stored when the session's block ends. Refusals are `casework.errors`, in Chinese and
English and without a word of anybody's data. May be imported by actions, channels and training; imports only
policies_kb.
"""
