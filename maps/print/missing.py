"""What stops a sheet: no font that has its characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from geo.errors import GridwalkError

NAMED = 12  # characters that the message names


class NoFont(GridwalkError):
    """No installed font has some characters that would be printed.

    Parameters
    ----------
    characters : collection of str
        Those that no font has.
    """

    def __init__(self, characters: Collection[str]) -> None:
        self.characters = "".join(sorted(characters))
        named = " ".join(f"{one} (U+{ord(one):04X})" for one in self.characters[:NAMED])
        more = " …" if len(self.characters) > NAMED else ""
        super().__init__(
            f"缺少可打印 {named}{more} 的字体。请安装中文字体：Debian/Ubuntu 运行 apt install fonts-noto-cjk；"
            "Windows 在“设置 → 可选功能”中添加“简体中文补充字体”（或微软雅黑）；macOS 自带苹方（PingFang SC），"
            "如被移除请装 Noto Sans CJK SC。\n"
            f"no installed font has {named}{more}: install one that has it. Debian/Ubuntu: apt install "
            "fonts-noto-cjk; "
            "Windows: Settings, Optional features, Chinese (Simplified) Supplemental Fonts, or Microsoft YaHei; "
            f"macOS: PingFang SC is part of the system, else install Noto Sans CJK SC.{_others(self.characters)}"
        )


def _others(characters: str) -> str:
    return " Other scripts: fonts-noto-core." if any(_other_script(one) for one in characters) else ""


def _other_script(character: str) -> bool:
    return not unicodedata.name(character, "").startswith(("CJK", "FULLWIDTH", "IDEOGRAPHIC"))
