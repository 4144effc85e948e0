"""What nights put right, counted where they keep it, so that a killed night's repairs count too."""

import pg8000.native

from local.stores.both import DATABASE
from local.stores.postgres import SUPERUSER
from proof.laptop import Laptop


def repaired_by_nights(laptop: Laptop) -> int:
    """Return in how many lines of a day nights found the read model to differ from the ledger."""
    place = laptop.endpoints["servers"]["postgres"]
    connection = pg8000.native.Connection(
        SUPERUSER, host=place["host"], port=place["port"], database=DATABASE
    )
    try:
        ((lines,),) = connection.run("SELECT count(*) FROM day_repairs")
        return int(lines)
    finally:
        connection.close()
