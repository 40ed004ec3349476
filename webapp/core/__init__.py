"""The pure core: what is asked, what it is worth, where it goes and what is handed over.

Code here imports the standard library, itself and the few pure helpers named in the import
contract. It reads no clock, file, database or network: the instant is always an argument.
"""

ENGINE = "1"
"""Raised whenever the same inputs could lead to another score, route or record."""
