"""Generated hostile inputs: each function returns one example drawn from a seeded generator."""

import io
import json
import os
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

from recsys.config import RunConfig

ODD_TEXTS = (
    "",
    " ",
    "\0",
    "\n",
    "\r\n",
    "\t",
    '"',
    '"""',
    "'",
    ",",
    ";",
    "|",
    "=1+1",
    "@SUM(A1)",
    "-",
    "+",
    ".",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\Windows",
    "~",
    "~root",
    "$HOME",
    "NaN",
    "nan",
    "inf",
    "-inf",
    "1e309",
    "-1e309",
    "1e-400",
    "0x" + "f" * 6000,
    "9" * 5000,
    "1_000",
    "١٢",
    "½",
    "null",
    "None",
    "true",
    "1:30",
    "2026-02-30",
    "é",
    "\u202e",
    "\ufeff",
    "\ud800",
    "\udcff",
    "😀" * 50,
    "x" * 10_000,
    "<script>",
    "`![x](http://a.b/c)`",
    "{{7*7}}",
    "%s%n",
    "\x1b[31m",
    "\u2028",
)


def odd_text(chance: random.Random) -> str:
    kind = chance.randrange(4)
    if kind == 0:
        return chance.choice(ODD_TEXTS)
    if kind == 1:
        return "".join(chance.choice(ODD_TEXTS) for _ in range(chance.randrange(4)))
    if kind == 2:
        return "".join(chr(chance.randrange(0x300)) for _ in range(chance.randrange(20)))
    return str(chance.choice([0, 1, -1, 3.5, 10**9, -(10**30), chance.random()]))


def as_bytes(text: str, chance: random.Random) -> bytes:
    encoding = chance.choice(["utf-8"] * 5 + ["utf-16", "latin-1", "utf-8-sig", "utf-32"])
    return text.encode(encoding, "surrogatepass" if encoding == "utf-8" else "replace")


def mangled(content: bytes, chance: random.Random) -> bytes:
    """Return the content with some bytes changed, cut, doubled or inserted."""
    changed = bytearray(content)
    for _ in range(chance.choice([0, 0, 1, 1, 2, 8])):
        if not changed:
            break
        place = chance.randrange(len(changed))
        kind = chance.randrange(5)
        if kind == 0:
            changed[place] = chance.randrange(256)
        elif kind == 1:
            del changed[place:]
        elif kind == 2:
            changed[place:place] = changed[place : place + chance.randrange(200)]
        elif kind == 3:
            changed[place:place] = chance.randbytes(chance.randrange(12))
        else:
            del changed[place : place + chance.randrange(40)]
    return bytes(changed)


def csv_file(chance: random.Random) -> bytes:
    """Return a file of ratings, nearly right or wrong in any way."""
    if chance.random() < 0.05:
        return chance.randbytes(chance.randrange(3000))
    if chance.random() < 0.05:
        return b'"' * chance.randrange(200_000) if chance.random() < 0.5 else b"," * 300_000
    header = ["user_id", "movie_id", "rating", "timestamp"][: chance.choice([3, 3, 3, 4])]
    if chance.random() < 0.2:
        header[chance.randrange(len(header))] = odd_text(chance)
    if chance.random() < 0.1:
        chance.shuffle(header)
    separator = "," if chance.random() < 0.9 else chance.choice(";\t|")
    end = chance.choice(["\n", "\n", "\r\n", "\r"])
    rows = [
        [
            chance.randrange(30),
            chance.randrange(30),
            chance.randrange(1, 6),
            chance.randrange(10**9),
        ]
        for _ in range(chance.choice([0, 1, 5, 50, 400, 4000]))
    ]
    lines = [separator.join(header)]
    for row in rows:
        fields = [str(field) for field in row[: len(header)]]
        if chance.random() < 0.5 / len(rows):
            fields[chance.randrange(len(fields))] = odd_text(chance)
        if chance.random() < 0.2 / len(rows):
            fields = fields * chance.randrange(4)
        lines.append(separator.join(fields))
    text = end.join(dict.fromkeys(lines)) + end
    content = as_bytes(text, chance)
    return mangled(content, chance) if chance.random() < 0.3 else content


def movies_file(chance: random.Random) -> bytes:
    """Return a file of movies, nearly right or wrong in any way."""
    lines = ["movie_id,title,genres,year"]
    for movie in range(chance.choice([0, 1, 30])):
        fields = [str(movie), f"Film {movie} (1999)", "Comedy|Drama", "1999"]
        if chance.random() < 0.1:
            fields[chance.randrange(4)] = odd_text(chance)
        lines.append(",".join(fields))
    return mangled(as_bytes("\n".join(lines), chance), chance)


def yaml_value(chance: random.Random) -> str:
    """Return something as the value of a YAML line."""
    return chance.choice(
        [
            odd_text(chance),
            json.dumps(odd_text(chance)),
            str(chance.choice([0, 1, 20, -1, 1e300, 0.1, 2**63, 10**20])),
            chance.choice(["duet", "tutorial", "tied", "all", "pcgrad", "random", "given", "null"]),
            "[" * chance.choice([1, 2, 5_000]),
            "{a: " * chance.choice([1, 2, 5_000]),
            "&a [*a, *a]",
            "!!python/object/apply:os.system [ls]",
            "!!binary aGVsbG8=",
            "!!timestamp 2026-99-99",
            "|\n  text\n  more",
            "0o" + "7" * 9000,
            "0b" + "1" * 20_000,
            ".inf",
            "? a\n: b",
            "<<: {a: b}",
        ]
    )


FIELDS = (*RunConfig.model_fields, "epoch")


def config_file(chance: random.Random) -> bytes:
    """Return a YAML file of settings, nearly right or wrong in any way."""
    if chance.random() < 0.05:
        return chance.randbytes(chance.randrange(70_000))
    lines = [
        f"{chance.choice(FIELDS) if chance.random() < 0.9 else odd_text(chance)}: "
        f"{yaml_value(chance)}"
        for _ in range(chance.choice([0, 1, 1, 2, 5, 30]))
    ]
    if chance.random() < 0.1:
        lines += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    content = as_bytes(chance.choice(["\n", "\n---\n", "\r\n"]).join(lines), chance)
    return mangled(content, chance) if chance.random() < 0.3 else content


def assignment(chance: random.Random) -> str:
    """Return the argument of a `--set`."""
    key = chance.choice(FIELDS) if chance.random() < 0.8 else odd_text(chance)
    return key + chance.choice(["=", "=", "=", "=", "==", "", ":", " = "]) + yaml_value(chance)


def path_argument(chance: random.Random) -> str:
    """Return something in place of a file's name."""
    return chance.choice([odd_text(chance), "/dev/zero", "/dev/null", "/dev", ".", "/", "x" * 300])


ZIP_NAMES = (
    "../../outside/written",
    "/tmp/written",
    "..",
    "con",
    "a/b",
    "manifest.json",
    "scorer.npz",
    "0123456789ab.zip",
    "names.zip",
    "\\windows",
    "é.zip",
    "x" * 300 + ".zip",
    "",
)


def npy_header(shape: str, kind: str = "<f4") -> bytes:
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (63 - (len(text) + 10) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode("latin-1")


def hostile_scorer(chance: random.Random) -> bytes:
    """Return an npz with arrays that are not those of a scorer, or only say they are."""
    shape = chance.choice(["(99999999999999,)", "(1 << 60, 2)", "(-1,)", "(3, 2)", "()", "(0, 0)"])
    kind = chance.choice(["<f4", "|O", "<f8", "<U9999999", "V10", "<M8[s]"])
    files = {
        chance.choice(["query.npy", "candidate.npy", "../x.npy", "tasks.npy"]): npy_header(
            shape, kind
        )
        + chance.randbytes(chance.choice([0, 24, 1000]))
    }
    if chance.random() < 0.3:
        files["use_dot.npy"] = b"\x80\x04cos\nsystem\n(S'ls'\ntR."
    return archive(files, chance)


def archive(files: dict[str, bytes], chance: random.Random) -> bytes:
    """Return a zip of these files, now and then compressed, doubled, linked or renamed."""
    buffer = io.BytesIO()
    packing = zipfile.ZIP_DEFLATED if chance.random() < 0.2 else zipfile.ZIP_STORED
    with zipfile.ZipFile(buffer, "w", packing) as stream:
        for name, content in files.items():
            info = zipfile.ZipInfo(name or "x")
            info.compress_type = packing
            if chance.random() < 0.1:
                info.external_attr = 0o120777 << 16  # a symbolic link
                content = b"/etc/passwd"
            stream.writestr(info, content)
    return buffer.getvalue()


def bundle(good: dict[str, bytes], seal: Callable, chance: random.Random) -> bytes:
    """Return a bundle: that of a good run with something wrong in it, or none at all.

    Args:
        good: the files of a good run.
        seal: returns files with a manifest that belongs to them, as a forger would.
        chance: the generator.
    """
    kind = chance.randrange(8)
    files = dict(good)
    if kind == 0:
        return chance.randbytes(chance.randrange(5000))
    if kind == 1:
        return mangled(archive(files, chance), chance)
    if kind == 2:  # a bomb: 50 MB of zeros, compressed
        files["history.parquet"] = bytes(50_000_000)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as stream:
            for name, content in files.items():
                stream.writestr(name, content)
        return buffer.getvalue()
    if kind == 3:
        files[chance.choice(ZIP_NAMES)] = files.pop(chance.choice(list(files)))
    elif kind == 4:
        files["scorer.npz"] = hostile_scorer(chance)
    elif kind == 5:
        name = chance.choice(["config.json", "metrics.json"])
        files[name] = hostile_json(files[name], chance)
    elif kind == 6:
        files["history.parquet"] = mangled(files["history.parquet"], chance)
    else:
        files = {chance.choice(ZIP_NAMES): archive(files, chance) for _ in range(3)}
        return archive(files, chance)
    if chance.random() < 0.8 and set(files) == set(good):
        files = seal(files)
    return archive(files, chance)


def hostile_json(content: bytes, chance: random.Random) -> bytes:
    """Return JSON in which a value is another one, or is nested without end."""
    if chance.random() < 0.1:
        return b"[" * 200_000
    value = json.loads(content)
    place = value
    while isinstance(place, dict) and place:
        key = chance.choice(list(place))
        if isinstance(place[key], dict) and chance.random() < 0.7:
            place = place[key]
            continue
        odd = [odd_text(chance), None, True, -1, 1e308, 10**400, [], {}, [[[]]], "NaN"]
        place[key] = chance.choice(odd)
        break
    text = json.dumps(value)
    return (text.replace('"NaN"', "NaN")).encode("utf-8", "surrogatepass")


def damage_run_folder(folder: Path, outside: Path, chance: random.Random) -> None:
    """Put something hostile into the folder of a run.

    Args:
        folder: the run's folder, with its five files.
        outside: a folder that nobody may read or write, with a file `secret`.
        chance: the generator.
    """
    file = chance.choice(sorted(folder.iterdir()))
    kind = chance.randrange(9)
    if kind == 8:
        file.write_bytes(mangled(file.read_bytes(), chance) + b"x")
        return
    if kind == 7:
        file.rename(folder / chance.choice(["x", "é", "\udcff", "a" * 200]))
        return
    if kind == 6:
        target = outside / folder.name
        folder.rename(target)
        folder.symlink_to(target)
        return
    file.unlink()
    if kind == 0:
        file.symlink_to(outside / "secret")
    elif kind == 1:
        os.mkfifo(file)
    elif kind == 2:
        with file.open("wb") as stream:
            stream.truncate(10 << 30)  # sparse: takes no room
    elif kind == 3:
        file.symlink_to("/dev/zero")
    elif kind == 4:
        (file / "a" / "b").mkdir(parents=True)
    else:
        file.symlink_to(folder)
