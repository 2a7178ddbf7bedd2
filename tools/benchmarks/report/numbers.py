"""Numbers as people read them."""

from __future__ import annotations

from benchmarks.figures import Figure

_THIN = "\u202f"


def number(value: float) -> str:
    """Three digits that matter: 1 234 567 as 1.23 M, 12 345 as 12 300, 0.01234 as 0.0123."""
    size = abs(value)
    if size >= 1e9:
        return f"{value / 1e9:.3g}{_THIN}G"
    if size >= 1e6:
        return f"{value / 1e6:.3g}{_THIN}M"
    if size >= 1_000:
        digits = len(str(int(size)))
        rounded = round(value, 3 - digits)
        return f"{rounded:,.0f}".replace(",", _THIN)
    return f"{value:.3g}" if size < 100 else f"{value:.0f}"


def amount(figure: Figure) -> str:
    return f"{number(figure.value)} {figure.unit}"


def times(ratio: float) -> str:
    """A ratio as 21 ×, 0.83 ×."""
    if ratio >= 10:
        return f"{number(round(ratio))} ×"
    return f"{ratio:.2f} ×" if ratio >= 0.1 else f"{ratio:.3g} ×"


def spread(figure: Figure) -> str:
    """How far the samples lie apart, as ±3 %."""
    if len(figure.samples) < 2 or not figure.value:
        return ""
    half = (max(figure.samples) - min(figure.samples)) / 2 / figure.value
    return f"±{half * 100:.0f} %"
