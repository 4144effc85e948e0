"""What a bakery has set up: its name for the cash book, and no categories."""

from chalicelib.ledger.merchants import Merchant


class BakerySettings:
    """Settings of merchants that are all one bakery, in place of those in the ledger's table."""

    def profile(self, _merchant_id: str) -> Merchant:
        """Return the bakery."""
        return Merchant("Padaria São João", "12ABC34501DE35", "Campinas", "SP")

    def setting(self, _merchant_id: str, _name: str) -> None:
        """Return that no category is registered."""
