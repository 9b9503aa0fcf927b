"""Quality: Duet beside specialised systems, ablations, the examples' protocols.

The splits are those of `benchmarks.testbeds`, without a validation part. The metrics are those of
`recsys.evaluation.metrics`, with seen movies removed. `benchmarks.tuning` chose the
hyperparameters of the other systems.

    python -m benchmarks.quality                                   # writes results/quality.json
    python -m benchmarks.quality --data later                      # results/quality-later.json
    python -m benchmarks.quality --ablations                       # results/ablations.json
    python -m benchmarks.quality --protocols                       # results/protocols.json
    python -m benchmarks.quality --fits                            # results/fits.json
    python -m benchmarks.quality --splits 0 --systems EASE,Duet    # a quick check
"""

import argparse
from collections.abc import Iterable
from dataclasses import replace

from benchmarks import protocols
from benchmarks.ablations import ABLATIONS
from benchmarks.measure import SHOWN, Measured, measure
from benchmarks.results import Row, save
from benchmarks.systems import DUET, DUET_SYSTEMS, PEERS, chosen_hyperparameters
from benchmarks.testbeds import SEEDS, TESTBEDS
from recsys.evaluation.bootstrap import paired_difference, pool, resample

SYSTEMS = PEERS | DUET_SYSTEMS
DUET_FITS = 5  # its fits are short and vary; of another system, one is measured
FIT_NOTE = (
    f"ML-100K, random 80/20, split seed {SEEDS[0]}, nothing else running. Fit: one fit; of Duet, "
    f"the median of {DUET_FITS}. The process has fitted a few users before, so imports are not "
    "counted; tracing and compiling are. Memory: the peak of the process, including its imports, "
    "the data set and the evaluation."
)
DIFFERENCES = (
    "Differences: Duet minus the other system, on all splits together, with the 95 % interval of a "
    "paired bootstrap over users. A resample draws users, each with the ratings of all splits, "
    "because the same users are in every split."
)


def run_quality(names: list[str], seeds: tuple[int, ...], testbed: str) -> None:
    """Measure these systems; save their rows, and the difference of Duet to each other system."""
    measured = {}
    for name in names:
        chosen = chosen_hyperparameters(name, testbed)
        measured[name] = measure(SYSTEMS[name], chosen, seeds, testbed)
        _print_figures(name, measured[name])
    rows = [
        {"system": name, "from": SYSTEMS[name].origin} | result.figures()
        for name, result in measured.items()
    ]
    found = differences(measured)
    save(result_name(testbed), rows, [DIFFERENCES], splits=list(seeds), differences=found)


def result_name(testbed: str) -> str:
    """Return the name of a testbed's results."""
    return "quality" if testbed == "100k" else f"quality-{testbed}"


def run_ablations(names: list[str], seeds: tuple[int, ...]) -> None:
    """Measure Duet with the overrides of each ablation, and save the rows."""
    measured = {DUET: measure(DUET_SYSTEMS[DUET], {}, seeds)}
    for name in names:
        system = replace(DUET_SYSTEMS[DUET], tasks=_trained_tasks(ABLATIONS[name]))
        measured[name] = measure(system, ABLATIONS[name], seeds)
        _print_figures(name, measured[name])
    rows = [
        {"row": name, "changed": _changed(ABLATIONS.get(name, {}))} | result.figures()
        for name, result in measured.items()
    ]
    save("ablations", rows, [DIFFERENCES], splits=list(seeds), differences=differences(measured))


def run_fits(names: list[str]) -> None:
    """Measure how long a fit on the first split takes, and its memory; save the rows.

    Apart from the quality of the fits, which are many, and may run side by side.
    """
    rows = []
    for name in names:
        chosen = chosen_hyperparameters(name, "100k")
        times = DUET_FITS if name in DUET_SYSTEMS else 1
        result = measure(SYSTEMS[name], chosen, SEEDS[:1] * times)
        rows.append(
            {"system": name, "fit_seconds": result.median_fit_seconds, "peak_mb": result.peak_mb}
        )
        print(rows[-1], flush=True)
    save("fits", rows, [FIT_NOTE])


def differences(measured: dict[str, Measured]) -> list[Row]:
    """Return the difference of Duet to each other system, in each metric that both have."""
    if DUET not in measured:
        return []
    resampled = {name: resample(pool(result.tables)) for name, result in measured.items()}
    return [
        {"other": other, "metric": metric}
        | paired_difference(resampled[DUET], resampled[other], metric)._asdict()
        for other in measured
        if other != DUET
        for metric in SHOWN
        if metric in resampled[other].figures
    ]


def _trained_tasks(overrides: dict[str, object]) -> frozenset[str]:
    tasks = DUET_SYSTEMS[DUET].tasks
    return frozenset(task for task in tasks if overrides.get(f"{task}_weight") != 0)


def _changed(overrides: dict[str, object]) -> str:
    return ", ".join(f"{field}={value}" for field, value in overrides.items())


def _print_figures(name: str, result: Measured) -> None:
    figures = ", ".join(f"{key} {value:.4g}" for key, value in result.figures().items())
    print(f"{name}: {figures}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--ablations", action="store_true", help="measure Duet's ablations instead")
    what.add_argument(
        "--protocols",
        action="store_true",
        help="the examples' protocols instead",
    )
    what.add_argument("--fits", action="store_true", help="time and memory of the fits instead")
    parser.add_argument("--splits", help="seeds, separated by commas; default 0,1,2,3,4")
    parser.add_argument("--systems", help="names, separated by commas; default all")
    parser.add_argument("--data", default="100k", choices=TESTBEDS, help="the testbed (100k)")
    options = parser.parse_args()
    seeds = tuple(map(int, options.splits.split(","))) if options.splits else SEEDS
    if options.protocols:
        protocols.run(seeds)
        return
    known: Iterable[str] = ABLATIONS if options.ablations else SYSTEMS
    names = options.systems.split(",") if options.systems else list(known)
    unknown = set(names) - set(known)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    if options.fits:
        run_fits(names)
    elif options.ablations:
        run_ablations(names, seeds)
    else:
        run_quality(names, seeds, options.data)


if __name__ == "__main__":
    main()
