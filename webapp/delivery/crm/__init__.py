"""CRMs: find or create the company and the contact, attach the case as a note, set the owner.

One procedure (``filing``) for all; each CRM's module knows only how that CRM says it.
"""
