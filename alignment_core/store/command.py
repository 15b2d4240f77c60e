"""The command line of the store: `python -m alignment_core verify`."""

import argparse
import sys
from typing import Any

__all__ = ["add_verify"]

# The store is imported where it is used: the other commands need not wait for its database.


def add_verify(commands: Any) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser("verify", help="whether what was signed and closed is untouched")
    parser.set_defaults(run=_verify)
    parser.add_argument(
        "--store", type=_location, metavar="URL", help="a folder or the address of a database; default ALIGNMENT_STORE"
    )
    parser.add_argument(
        "--seal", default="", metavar="HASH", help="a seal that was noted before, which must still be in the store"
    )


def _location(text: str) -> Any:
    from alignment_core.errors import StoreError
    from alignment_core.store.places import location

    try:
        return location(text)
    except StoreError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _verify(options: argparse.Namespace) -> None:
    """Say that nothing was changed. Raises StoreError with everything that was."""
    from alignment_core.store import Store, StoreError, verify
    from alignment_core.store.database import Database
    from alignment_core.store.places import location

    store = Store(Database.open(options.store or location(), create=False))
    try:
        found = verify(store, options.seal)
    finally:
        store.close()
    if found.changed:
        raise StoreError(*found.changed)
    counted = f"{found.records:,} record{'' if found.records == 1 else 's'}"
    sys.stdout.write(f"{store.database.name}: untouched, {counted}.\n")
    if found.seal:
        sys.stdout.write(f"Its seal, to be noted somewhere else: {found.seal}\n")
