"""The sign of a row in a card's OFX statement, decided by that row alone.

A purchase is money out, a refund or a bill payment is money in. Some banks write a purchase with a
minus, as OFX says, and others the payment of the bill. Which of the two a file does may show in
other rows, but a file may also be a piece of another, and each row has to be the same in both.
"""

import re

from chalicelib.bank_files.text import fold

_MONEY_IN = frozenset({"CREDIT", "DEP", "DIRECTDEP", "DIV"})
_MONEY_OUT = frozenset({"DEBIT", "POS", "ATM", "CASH", "CHECK", "FEE", "SRVCHG", "REPEATPMT"})
_REFUND = re.compile(
    r"(?:estorno|devolucao|reembolso|(?:cancelamento|canc\.?)(?: d[aeo])? compra|refund)\b"
    # What is taken back here was money in.
    r"(?!(?: d[aeo])? (?:pagamento|pagto|pgto|credito|cashback|desconto|bonus|estorno|reembolso))"
)
_BEGINNING = 80
_BILL_PAYMENT = re.compile(
    r"(?:pagamento|pagto|pgto|pag)\.?(?: (?:d[aeo]|em))?"
    r"(?:$| (?:recebido|efetuado|antecipado|fatura|on ?line|deb(?:ito)?\.? aut|obrigado|[0-9]))"
    r"|(?:inclusao|credito) de pagamento|obrigado pelo pagamento|payment (?:received|- thank|thank)"
)


def card_amount(amount_minor: int, kind: str, texts: tuple[str, ...]) -> int:
    """Return the amount of a row with this TRNTYPE and these texts, negative for money out.

    CREDIT and its like are money in, and DEBIT and its like money out, whichever sign the amount
    has; but a text that begins as that of a refund or a bill payment is money in even as DEBIT.
    The other types say nothing: banks write PAYMENT for a bill payment and for a purchase, and
    XFER, INT and OTHER for both directions. Of those, unless the text decides, the sign is assumed
    to be that of OFX: a minus is money out. So is a refund as DEBIT without such a text, which no
    single row can tell from a purchase.
    """
    if kind in _MONEY_IN or any(map(_is_money_in, texts)):
        return abs(amount_minor)
    return -abs(amount_minor) if kind in _MONEY_OUT else amount_minor


def _is_money_in(text: str) -> bool:
    folded = fold(text[:_BEGINNING])
    return bool(_REFUND.match(folded) or _BILL_PAYMENT.match(folded))
