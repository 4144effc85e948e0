"""How texts are compared when somebody searches: without accents, capitals and ligatures."""

import itertools
import unicodedata


def searchable(text: str) -> str:
    """Return the text by which it is found: "Pão Francês" and "PAO FRANCES" give the same.

    Unicode's compatibility caseless match (The Unicode Standard 3.13, D146), and then without
    marks. Letters that are no letter plus mark, such as ø, stay what they are.
    """
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(itertools.filterfalse(unicodedata.combining, folded))
