"""How an installation is kept: health, checks, tidying, and the demo's data."""
