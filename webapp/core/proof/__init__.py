"""The proof: what every possible visitor of a release is asked, has and gets, before any comes.

``prove`` walks all paths at once. It never claims that nobody can do what somebody can, and shows
a visitor for everything it refutes; what it cannot decide in time it says is not proved.
"""
