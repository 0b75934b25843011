"""How the bytes of a text became letters: declared, byte-order mark, strict UTF-8, then GB18030."""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from geo.io.raw import Unreadable

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CHINESE = "gb18030"  # holds GBK and GB 2312


def known_encoding(name: str) -> str:
    """Find Python's name of an encoding; every Chinese code page is read as GB18030, which holds them all.

    Parameters
    ----------
    name : str
        As people write it: ``GBK``, ``936``, ``UTF-8``, ``65001``.

    Returns
    -------
    str
        Empty when there is no such encoding.

    Examples
    --------
    >>> known_encoding("GBK"), known_encoding("65001"), known_encoding("klingon")
    ('gb18030', 'utf-8', '')
    """
    plain = name.strip().lower().removeprefix("cp").removeprefix("windows-")
    if plain in ("936", "gbk", "gb2312", "gb18030", "54936"):
        return CHINESE
    if plain in ("65001", "utf8", "utf-8"):
        return "utf-8"
    for candidate in (name.strip(), f"cp{plain}"):
        try:
            found = codecs.lookup(candidate)
        except (LookupError, ValueError):
            continue
        return found.name if getattr(found, "_is_text_encoding", True) else ""
    return ""


def decode(data: bytes, declared: str = "") -> tuple[str, str]:
    """Decode a text.

    Parameters
    ----------
    data : bytes
        The whole text.
    declared : str
        Encoding that the manifest names; empty = find out.

    Returns
    -------
    tuple of str
        The text and the encoding used. A text that no candidate fits raises :class:`Unreadable`.
    """
    if declared:
        candidates = [known_encoding(declared)]
        if not candidates[0]:
            raise Unreadable("unknown_encoding", name=declared)
    else:
        marked = [name for bom, name in BOMS if data.startswith(bom)]
        candidates = marked or ["utf-8", CHINESE]
    for encoding in candidates:
        try:
            return data.decode(encoding).removeprefix("\ufeff"), encoding
        except UnicodeDecodeError:
            continue
    raise Unreadable("undecodable", tried=", ".join(candidates))


def fitting(texts: Iterable[bytes]) -> str:
    """Tell whether short texts, which a fixed width may have cut in the middle of a letter, are UTF-8.

    Parameters
    ----------
    texts : iterable of bytes
        Cells of a fixed-width table.

    Returns
    -------
    str
        ``utf-8`` or ``gb18030``.
    """
    decoder = codecs.getincrementaldecoder("utf-8")
    for text in texts:
        try:
            decoder().decode(text, final=False)  # an unfinished last letter is no error
        except UnicodeDecodeError:
            return CHINESE
    return "utf-8"
