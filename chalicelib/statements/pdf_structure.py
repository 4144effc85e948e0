"""The structure of a tagged PDF: what each content is, and in which order it is read.

Screen readers need it, and programs that copy tables (ISO 32000-1, 14.7 and 14.8). Content that is
on every page, such as page numbers and repeated headings, is an artifact, which they leave out.
"""

from typing import Any

import pydyf

ARTIFACT, FIGURE, PARAGRAPH = "Artifact", "Figure", "P"
_GROUPS = ("Document", "Sect", "Table", "TR")
"""Elements without content of their own."""
Content = tuple[int, int]
"""The index of a page, and the number of a marked content on it."""


class Element:
    """An element, such as a table or a cell; `parts` are elements and contents in their order."""

    __slots__ = ("attributes", "parent", "parts", "role")

    def __init__(self, role: str, parent: "Element | None", attributes: dict[str, Any]) -> None:
        self.role, self.parent, self.attributes = role, parent, attributes
        self.parts: list[Element | Content] = []


class Structure:
    """The elements of a document while it is written; new content is of the current element."""

    def __init__(self) -> None:
        self._document = self._current = Element("Document", None, {})
        self._owners: dict[int, list[Element]] = {}

    def begin(self, role: str, attributes: dict[str, Any]) -> Element:
        """Begin an element in the current one, which it becomes; all of an artifact is artifact."""
        if self._current.role == ARTIFACT:
            role = ARTIFACT
        element = Element(role, self._current, attributes)
        if role != ARTIFACT:
            self._current.parts.append(element)
        self._current = element
        return element

    def end(self) -> str:
        """Return to the element around the current one; return the role of the one that ends."""
        ended = self._current
        self._current = ended.parent or self._document
        return ended.role

    def resume(self, element: Element) -> None:
        """Continue an element that has ended."""
        self._current = element

    def operator(self, page: int) -> bytes:
        """Return the operator that begins a content of the current element on a page.

        Within a group, the content is a paragraph.
        """
        if self._current.role == ARTIFACT:
            return b"/Artifact BMC"
        owner = self._current
        if owner.role in _GROUPS:
            owner = self.begin(PARAGRAPH, {})
            self.end()
        owners = self._owners.setdefault(page, [])
        owner.parts.append((page, len(owners)))
        owners.append(owner)
        return b"/%s <</MCID %d>> BDC" % (owner.role.encode(), len(owners) - 1)

    def write(self, pdf: Any, pages: list[Any]) -> None:
        """Add the structure to a file whose pages have been added."""
        root = pydyf.Dictionary({"Type": "/StructTreeRoot"})
        pdf.add_object(root)
        written: dict[Element, Any] = {}
        _add(pdf, self._document, root, pages, written)
        owners = pydyf.Array()
        for number, page in enumerate(pages):
            page.update(StructParents=number, Tabs="/S")
            listed = self._owners.get(number, ())
            owners.extend([number, pydyf.Array(written[owner].reference for owner in listed)])
        tree = pydyf.Dictionary({"Nums": owners})
        pdf.add_object(tree)
        root.update(
            K=written[self._document].reference,
            ParentTree=tree.reference,
            ParentTreeNextKey=len(pages),
        )
        pdf.catalog.update(
            MarkInfo=pydyf.Dictionary({"Marked": "true"}), StructTreeRoot=root.reference
        )


def _add(
    pdf: Any, element: Element, parent: Any, pages: list[Any], written: dict[Element, Any]
) -> None:
    """Add an element and those in it."""
    first = next((part[0] for part in element.parts if isinstance(part, tuple)), None)
    shown = pydyf.Dictionary({"S": f"/{element.role}", "P": parent.reference})
    shown.update(element.attributes)
    if first is not None:
        shown["Pg"] = pages[first].reference
    written[element] = shown
    pdf.add_object(shown)
    parts = pydyf.Array()
    for part in element.parts:
        if isinstance(part, Element):
            _add(pdf, part, shown, pages, written)
            parts.append(written[part].reference)
        elif part[0] == first:
            parts.append(part[1])
        else:
            marked = {"Type": "/MCR", "Pg": pages[part[0]].reference, "MCID": part[1]}
            parts.append(pydyf.Dictionary(marked))
    if parts:
        shown["K"] = parts[0] if len(parts) == 1 else parts
