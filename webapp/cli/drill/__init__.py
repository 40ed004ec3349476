"""`baton drill`: injure a scratch copy of the product on purpose and count what got lost."""
