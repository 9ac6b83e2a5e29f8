"""Charts as SVG, which needs no script: bars that a reader of the page can also be told."""

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT, GAP = 640, 160, 0.2
LABELS = 18  # pixels under the bars


def columns(labels: Sequence[str], values: Sequence[int], title: str) -> str:
    """One bar a label, side by side; each tells its value to a pointer and to a screen reader."""
    most, step = max(values, default=0) or 1, WIDTH / max(1, len(values))
    bars = []
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        height = (HEIGHT - LABELS - 14) * value / most
        x, y = place * step + step * GAP / 2, HEIGHT - LABELS - height
        middle = place * step + step / 2
        told = f"<title>{escape(label)}: {value}</title>"
        bars.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{step * (1 - GAP):.1f}" height="{height:.1f}" rx="2">{told}</rect>'
            f'<text x="{middle:.1f}" y="{HEIGHT - 4}">{escape(label)}</text>'
        )
        if value == most and value:
            bars.append(f'<text x="{middle:.1f}" y="{y - 4:.1f}">{value}</text>')
    return _svg(title, HEIGHT, "".join(bars))


def shares(labels: Sequence[str], values: Sequence[int], title: str) -> str:
    """One bar of several parts, each as long as its share."""
    whole, x, parts = sum(values) or 1, 0.0, []
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        width = WIDTH * value / whole
        told = f"<title>{escape(label)}: {value}</title>"
        parts.append(f'<rect class="part{place}" x="{x:.1f}" y="0" width="{width:.1f}" height="28">{told}</rect>')
        x += width
    return _svg(title, 28, "".join(parts))


def _svg(title: str, height: int, content: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">{content}</svg>'
