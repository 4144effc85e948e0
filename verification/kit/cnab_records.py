"""Records of CNAB 240 with segment E."""

ACCOUNT = "0012340000000567890 "


def header(balance: str = "000000000000100000C", account: str = ACCOUNT, service: str = "E") -> str:
    """Return the header of an account's batch."""
    start = f"99900011{service}0440033 2{'0' * 14}{'':20}{account}{'MERCEARIA':30}{'':40}"
    return f"{start}30092026{balance}FBRL00001"


def detail(
    day: str = "05102026",
    amount: str = "000000000000025050",
    sign: str = "C",
    segment: str = "E",
    text: str = "PIX RECEBIDO",
    bank_id: str = "00001234",
) -> str:
    """Return the record of a movement."""
    start = f"9990001300001{segment}   2{'0' * 14}{'':20}{ACCOUNT}{'MERCEARIA':30}"
    return f"{start}      DPV00{'':20}S{day}{day}{amount}{sign}2060821{text:25.25}{bank_id:39}"


def trailer(balance: str = "000000000000125050C") -> str:
    """Return the trailer of an account's batch."""
    return f"99900015{'':9}2{'0' * 14}{'':20}{ACCOUNT}{'':16}{'0' * 54}06102026{balance}F000003"


def file_of(*records: str, line_break: str = "\r\n") -> bytes:
    """Return a file of records, between its header and its trailer."""
    whole = [f"99900000{'':9}2{'0' * 14}", *records, f"99999999{'':9}000001000003000001"]
    return line_break.join(f"{record:240}" for record in whole).encode("cp1252")
