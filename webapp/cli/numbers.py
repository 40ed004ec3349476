"""Numbers as people read them."""

NAMES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))


def in_words(number: int) -> str:
    """``340``, ``12,400``, ``3.1 billion``; beyond all names about a power of ten."""
    if number >= 10**15:
        return f"about 10^{len(str(number)) - 1}"
    for size, name in NAMES:
        if number >= size:
            return f"{number / size:.3g} {name}" if number < 999.5 * size else f"999 {name}"
    return f"{number:,}"


def classes(number: int) -> str:
    """``1 class of new visitors``, ``340 classes of new visitors``."""
    return f"{in_words(number)} {'class' if number == 1 else 'classes'} of new visitors"
