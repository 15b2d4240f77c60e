"""Simulated companies with planted causes, and what the parts of a conversion's move say of them."""

import numpy as np

from alignment_core.why_parts import JUDGED, Cells, errors, judge, pooled, split

# Rates by kind (demo request, trade show, webinar, e-book) in time and late; shares of kinds; shares in time.
RATES = np.array([[0.80, 0.20], [0.66, 0.17], [0.55, 0.14], [0.40, 0.10]])
USUAL, WORSE = np.array([0.35, 0.20, 0.25, 0.20]), np.array([0.20, 0.16, 0.32, 0.32])
NO_SPEED = RATES[:, :1] * np.ones((1, 2))
#: Shares of the regions; shares in time by kind (hot leads are worked first), in every region; and where one of them is late.
REGIONS = np.array([0.4, 0.4, 0.2])
HOT_FIRST = np.tile([0.95, 0.90, 0.85, 0.80], (3, 1))
ONE_LATE = HOT_FIRST * np.array([0.1, 1.0, 1.0])[:, None]
#: Demo requests are worked sooner than ever and e-books later: speed goes with the kind of lead, and has no effect of its own.
HOTTER_FIRST = np.tile([1.0, 0.95, 0.60, 0.40], (3, 1))
#: What was planted: shares of kinds, shares in time by region and kind, rates.
PLANTED = {
    "nothing": (USUAL, HOT_FIRST, RATES),
    "late follow-up in one region": (USUAL, ONE_LATE, RATES),
    "worse mix": (WORSE, HOT_FIRST, RATES),
    "both": (WORSE, ONE_LATE, RATES),
    "like leads converted less": (USUAL, HOT_FIRST, RATES * 0.65),
    "hot leads worked first, no effect of speed": (USUAL, HOTTER_FIRST, NO_SPEED),
    "late in one region, no effect of speed": (USUAL, ONE_LATE, NO_SPEED),
}
#: What should be found.
FOUND = {
    "nothing": set(),
    "late follow-up in one region": {"follow_up"},
    "worse mix": {"lead_mix"},
    "both": {"lead_mix", "follow_up"},
    "like leads converted less": {"remainder"},
    "hot leads worked first, no effect of speed": set(),
    "late in one region, no effect of speed": set(),
}


def quarter(rng, n, kinds, in_time, rates, basis):
    """Entered and passed by kind and in time or late, added up over the regions."""
    shares = REGIONS[:, None, None] * kinds[None, :, None] * np.stack([in_time, 1 - in_time], 2)
    entered = rng.multinomial(n, shares.ravel()).reshape(shares.shape)
    passed = rng.binomial(entered, rates) if basis == "cohort" else rng.poisson(entered * rates)
    return entered.sum(0).astype(float), passed.sum(0).astype(float)


def blamed(planted, n, basis, companies, seed=1):
    """How often each part is called real, and each at all, over simulated companies."""
    rng = np.random.default_rng(seed)
    kinds, in_time, rates = PLANTED[planted]
    usual = NO_SPEED if rates is NO_SPEED else RATES
    agreed = (np.stack([USUAL * HOT_FIRST[0], USUAL * (1 - HOT_FIRST[0])], 1) * usual).sum()
    real = []
    for _ in range(companies):
        cells, _ = pooled(Cells(*quarter(rng, 4 * n, USUAL, HOT_FIRST, usual, basis), *quarter(rng, n, kinds, in_time, rates, basis)))  # fmt: skip
        gap = cells.passed_before.sum() / cells.before.sum() - agreed
        effects = np.array([[gap, *(each.sum() for each in split(cells))]])
        spreads = errors([cells], [1.0], basis)[None]
        real.append(judge(effects, spreads, np.ones((1, 4), bool)).real[0])
    share = dict(zip(JUDGED, np.mean(real, axis=0), strict=True))
    return share, float(np.mean(np.any(real, axis=1)))
