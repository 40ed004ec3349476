"""What people do with Baton, a room for each of them: one function is one commit.

Whoever finds a verb missing looks in the room of who does it; ``audit`` and ``throttle`` serve all.
"""
