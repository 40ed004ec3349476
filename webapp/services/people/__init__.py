"""Leads and their companies: found, merged, looked up, brought in, left alone, forgotten."""
