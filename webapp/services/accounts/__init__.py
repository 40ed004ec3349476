"""Who may sign in: staff, second steps, passkeys, a company's accounts, keys of programs."""
