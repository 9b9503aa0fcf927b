"""Small data sets in MovieLens's raw formats, and the same in the format of the embedded wheel."""

import dataclasses
import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest

FLAGS = [
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime",
    "Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance",
    "Sci-Fi", "Thriller", "War", "Western",
]  # fmt: skip

# (id, title as in u.item, genres); the last two are rated by nobody.
MOVIES_100K = [
    ("1", "Toy Story (1995)", ["Animation", "Children's", "Comedy"]),
    ("2", "Godfather, The (1972)", ["Action", "Crime", "Drama"]),
    ("3", "Misérables, Les (1995)", ["Drama", "Musical"]),
    ("9", "Land Before Time III: The Time of the Great Giving (1995) (V)", ["Animation"]),
    ("10", "unknown", ["unknown"]),
    ("11", 'Ripe "uncut"  (1996) ', []),
    ("12", "Hate (Haine, La) (1995)", ["Drama"]),
    ("13", "Seven (Se7en) (1995)", ["Crime", "Thriller"]),
]
USERS_100K = [
    ("1", "24", "M", "technician", "85711"),
    ("2", "53", "F", "other", "94043"),
    ("10", "7", "M", "student", "V3N4P"),
    ("30", "61", "F", "retired", "00123"),
]


def ratings_100k() -> list[tuple[str, str, str, str]]:
    """Return `user, movie, rating, timestamp` rows in no particular order."""
    random = np.random.default_rng(7)
    rows = [
        (user[0], movie[0], str(random.integers(1, 6)), str(random.integers(8.7e8, 8.9e8)))
        for user in USERS_100K
        for movie in MOVIES_100K[:-2]
        if random.random() < 0.8
    ]
    random.shuffle(rows)
    return [tuple(row) for row in rows]


def write_raw_100k(file: Path) -> None:
    """Write `ml-100k.zip` as GroupLens does: u.data, u.item, u.user."""
    items = []
    for id_, title, genres in MOVIES_100K:
        flags = [str(int(flag in genres)) for flag in FLAGS]
        items.append("|".join([id_, title, "01-Jan-1995", "", "http://example.org", *flags]))
    write_zip(
        file,
        {
            "ml-100k/u.data": "".join("\t".join(row) + "\n" for row in ratings_100k()),
            "ml-100k/u.item": "\n".join(items) + "\n",
            "ml-100k/u.user": "".join("|".join(row) + "\n" for row in USERS_100K),
        },
    )


def write_embedded_100k(folder: Path) -> None:
    """Write the same data as the wheel `recbole` holds it."""
    folder.mkdir(parents=True)
    inter = ["user_id:token\titem_id:token\trating:float\ttimestamp:float"]
    inter += ["\t".join(row) for row in ratings_100k()]
    item = ["item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq"]
    for id_, title, genres in MOVIES_100K:
        name, _, year = title.strip().removesuffix(")").rpartition(" (")
        name, year = ("unkonwn", "unkonwn") if title == "unknown" else (name, year)
        item.append("\t".join([id_, name, year, " ".join(genres)]))
    user = ["user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token"]
    user += ["\t".join(row) for row in USERS_100K]
    for ending, lines in (("inter", inter), ("item", item), ("user", user)):
        (folder / f"ml-100k.{ending}").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_raw_latest_small(file: Path) -> None:
    """Write `ml-latest-small.zip`: half stars, no users, a catalogue larger than what was rated."""
    write_zip(
        file,
        {
            "ml-latest-small/movies.csv": "movieId,title,genres\n"
            "1,Toy Story (1995),Adventure|Animation|Children\n"
            '10,"American President, The (1995)",Comedy|Drama|Romance\n'
            '2,"City of Lost Children, The (Cité des enfants perdus, La) (1995)",Fantasy|IMAX\n'
            "193609,Babylon 5,(no genres listed)\n",
            "ml-latest-small/ratings.csv": "userId,movieId,rating,timestamp\n"
            "2,10,0.5,964982703\n1,1,4.0,964981247\n1,2,3.5,964982224\n",
        },
        encoding="utf-8",
    )


def write_raw_1m(file: Path) -> None:
    """Write `ml-1m.zip`: fields between "::", ages in groups."""
    write_zip(
        file,
        {
            "ml-1m/movies.dat": "1::Toy Story (1995)::Animation|Children's|Comedy\n"
            "3::Boot, Das (1981)::Action|War\n4::Nobody's (1990)::Drama\n",
            "ml-1m/users.dat": "1::F::1::10::48067\n2::M::56::16::70072\n",
            "ml-1m/ratings.dat": "2::3::5::978300760\n1::1::4::978302109\n1::3::2::978301968\n",
        },
    )


def write_zip(file: Path, members: dict[str, str], encoding: str = "latin-1") -> None:
    """Write a zip of text files."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text.encode(encoding))


def register_hash(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have TFDS expect the hash of this zip instead of the one that GroupLens publishes."""
    import tensorflow_datasets as tfds

    url = f"https://files.grouplens.org/datasets/movielens/{file.name}"
    known = tfds.builder_cls("movielens").url_infos
    content = file.read_bytes()
    own = {"size": len(content), "checksum": hashlib.sha256(content).hexdigest()}
    monkeypatch.setitem(known, url, dataclasses.replace(known[url], **own))
