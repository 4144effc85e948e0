"""The known layouts of CSV files by bank; each preset's docstring names the public source."""

from collections.abc import Callable, Mapping, Sequence

from chalicelib.bank_files import preset_accounts, preset_cards
from chalicelib.bank_files.csv_layout import Layout
from chalicelib.bank_files.preset import Preset

PRESETS: Mapping[str, Callable[[], Preset]] = {
    "nubank-account": preset_accounts.nubank,
    "inter-account": preset_accounts.inter,
    "itau-account": preset_accounts.itau,
    "bradesco-account": preset_accounts.bradesco,
    "banco-do-brasil-account": preset_accounts.banco_do_brasil,
    "caixa-account": preset_accounts.caixa,
    "santander-account": preset_accounts.santander,
    "c6-account": preset_accounts.c6,
    "mercado-pago-account": preset_accounts.mercado_pago,
    "stone-account": preset_accounts.stone,
    "nubank-card": preset_cards.nubank,
    "inter-card": preset_cards.inter,
    "c6-card": preset_cards.c6,
}
"""Functions by the name under which the API knows the preset."""


def layouts_of(name: str) -> Sequence[Layout]:
    """Return the layouts of a preset; raise KeyError for an unknown name."""
    return PRESETS[name]().layouts
