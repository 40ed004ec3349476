"""The worker: sends what is in the outbox, reminds, gives waiting leads away, writes digests.

As many as you like on PostgreSQL; on SQLite one, beside the web.
"""
