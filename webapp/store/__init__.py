"""Rows and the queries beside them. Everything that stays is declared here and nowhere else."""
