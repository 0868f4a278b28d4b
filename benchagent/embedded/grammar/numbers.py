"""Numbers within bounds as EBNF, digit by digit."""

from benchagent.embedded.grammar.text import literal

# Every whole number of 15 digits survives a reader that keeps numbers as doubles.
LARGEST = 10**15 - 1
_FRACTION = '("." [0-9]{1,6})?'
_FRACTION_ABOVE_ZERO = '"." [0-9]{0,5} [1-9]'


def integer_range(low: int | None, high: int | None) -> str:
    """Return the whole numbers from low to high, both included; None is ±15 digits.

    Raises:
        ValueError: where there is no such number.
    """
    bottom = -LARGEST if low is None else max(low, -LARGEST)
    top = LARGEST if high is None else min(high, LARGEST)
    if bottom > top:
        raise ValueError(f"no number lies between {bottom} and {top}")
    alternatives: list[str] = []
    if bottom < 0:
        magnitudes = _magnitudes(max(1, -top), -bottom)
        alternatives.append(f'"-" ({" | ".join(magnitudes)})')
    if top >= 0:
        alternatives += _magnitudes(max(0, bottom), top)
    return "(" + " | ".join(alternatives) + ")"


def number_range(
    low: int | None, high: int | None, *, above: int | None = None, below: int | None = None
) -> str:
    """Return the decimal numbers between whole bounds, up to six digits after the point.

    Args:
        low: the least number, included.
        high: the greatest number, included.
        above: a bound that the number must exceed.
        below: a bound that the number must stay under.

    Raises:
        ValueError: where there is no such number.
    """
    lows = [(bound, excluded) for bound, excluded in ((low, 0), (above, 1)) if bound is not None]
    highs = [(bound, excluded) for bound, excluded in ((high, 0), (below, 1)) if bound is not None]
    bottom, open_below = max(lows, default=(-LARGEST - 1, 1))
    top, inverse = min(((bound, -excluded) for bound, excluded in highs), default=(LARGEST + 1, -1))
    if bottom > top or (bottom == top and (open_below or inverse)):
        raise ValueError(f"no number lies between {bottom} and {top}")
    alternatives: list[str] = []
    if bottom < 0:
        start, start_open = (-top, bool(inverse)) if top <= 0 else (0, True)
        inside = _decimals(start, -bottom, start_open=start_open, end_open=bool(open_below))
        alternatives.append(f'"-" ({" | ".join(inside)})')
    if top > 0 or (top == 0 and not inverse):
        start, start_open = (bottom, bool(open_below)) if bottom >= 0 else (0, False)
        alternatives += _decimals(start, top, start_open=start_open, end_open=bool(inverse))
    return "(" + " | ".join(alternatives) + ")"


def _decimals(start: int, end: int, *, start_open: bool, end_open: bool) -> list[str]:
    """Alternatives for the decimal numbers from start to end, 0 ≤ start ≤ end."""
    alternatives: list[str] = []
    if start_open and start < end:
        alternatives.append(f"{literal(str(start))} {_FRACTION_ABOVE_ZERO}")
    first = start + 1 if start_open else start
    if first < end:
        alternatives.append(f"({' | '.join(_magnitudes(first, end - 1))}) {_FRACTION}")
    if not end_open and not (start_open and start == end):
        alternatives.append(f'{literal(str(end))} ("." "0")?')
    return alternatives


def _magnitudes(low: int, high: int) -> list[str]:
    """Alternatives for the whole numbers from low to high, 0 ≤ low ≤ high, length by length."""
    alternatives = ['"0"'] if low == 0 else []
    low = max(low, 1)
    whole: list[int] = []
    for length in range(len(str(low)), len(str(high)) + 1 if high else 0):
        least, most = 10 ** (length - 1), 10**length - 1
        if low <= least and most <= high:
            whole.append(length - 1)
        else:
            alternatives += _same_length(str(max(low, least)), str(min(high, most)))
    if whole:
        alternatives.append(_then("[1-9]", whole[0], whole[-1]))
    return alternatives


def _same_length(low: str, high: str) -> list[str]:
    """Alternatives for the digit strings from low to high, which are equally long."""
    if not low:
        return ['""']
    rest = len(low) - 1
    if low[1:] == "0" * rest and high[1:] == "9" * rest:
        return [_then(_digits(low[0], high[0]), rest, rest)]
    if low[0] == high[0]:
        return [f"{literal(low[0])} {tail}" for tail in _same_length(low[1:], high[1:])]
    alternatives = [f"{literal(low[0])} {tail}" for tail in _same_length(low[1:], "9" * rest)]
    between = (chr(ord(low[0]) + 1), chr(ord(high[0]) - 1))
    if between[0] <= between[1]:
        alternatives.append(_then(_digits(*between), rest, rest))
    return alternatives + [
        f"{literal(high[0])} {tail}" for tail in _same_length("0" * rest, high[1:])
    ]


def _digits(low: str, high: str) -> str:
    return literal(low) if low == high else f"[{low}-{high}]"


def _then(first: str, least: int, most: int) -> str:
    return f"{first} [0-9]{{{least},{most}}}" if most else first
