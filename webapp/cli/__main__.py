"""``python -m webapp.cli`` is ``baton``."""

from webapp.cli import main

if __name__ == "__main__":
    main(prog_name="baton")
