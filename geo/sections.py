"""What sections of a ``workspace.toml`` have in common: unknown keys are errors, texts are in two languages."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from geo.layer import Title


class Section(BaseModel):
    """A part of the manifest; it never changes, and takes no key that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Section):
    """A text in Chinese and English.

    Parameters
    ----------
    zh, en : str
        The text.
    """

    zh: str
    en: str

    def title(self) -> Title:
        """Give the text as it travels on.

        Returns
        -------
        Title
            The same.
        """
        return Title(self.zh, self.en)
