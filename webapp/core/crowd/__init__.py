"""A mixed crowd of invented visitors, the same for everybody, to see what a change would do."""
