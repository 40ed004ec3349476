"""What the parts of the web share. Each module is named for what it does."""
