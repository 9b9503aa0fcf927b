"""The lab's glossary: every term on the pages, its label, its unit and one sentence about it."""

from dataclasses import dataclass

from recsys.metrics import METRICS


@dataclass(frozen=True)
class Word:
    """One term. `higher_is_better` is None for what is neither good nor bad."""

    label: str
    sentence: str
    unit: str = ""
    decimals: int = 3
    higher_is_better: bool | None = None


WORDS: dict[str, Word] = {
    # The two tasks and their losses.
    "retrieval": Word(
        "Retrieval", "The task of finding the movies this user will watch in the whole catalogue."
    ),
    "rating": Word("Rating", "The task of predicting how many stars this user gives to a movie."),
    "retrieval_weight": Word(
        "Retrieval weight",
        "How strongly the retrieval loss counts in the total loss; 0 leaves that task untrained.",
        decimals=2,
    ),
    "rating_weight": Word(
        "Rating weight",
        "How strongly the rating loss counts in the total loss; 0 leaves that task untrained.",
        decimals=2,
    ),
    "loss": Word(
        "Loss",
        "What training lowers. Each task's loss is divided by that of a trivial predictor, so 1 "
        "means: as good as knowing nothing about the user.",
        higher_is_better=False,
    ),
    "retrieval_loss": Word(
        "Retrieval loss",
        "How well the scores tell the movies a user rated from the rest of the catalogue: squared "
        "error (tutorial: softmax), divided by that of scoring everybody alike. 1 is trivial, "
        "lower is better.",
        higher_is_better=False,
    ),
    "rating_loss": Word(
        "Rating loss",
        "Mean squared error of predicted ratings, divided by the ratings' variance: 1 is as good "
        "as always predicting the mean, lower is better.",
        higher_is_better=False,
    ),
    "total_loss": Word(
        "Total loss",
        "The weighted sum of the two tasks' losses; this is what training lowers.",
        higher_is_better=False,
    ),
    "loss_share": Word(
        "Share of the total loss",
        "Which part of the total comes from this task after weighting: the task with the larger "
        "share has the larger say in what is learnt.",
        "%",
        0,
    ),
    # How the tasks share the training.
    "cost": Word(
        "Cost",
        "A task pays at a ratio where it is worse than at its best one: the 95 % interval of the "
        "difference (paired bootstrap over users) leaves out 0, it is more than 0.001, and more "
        "than twice what the seeds, if there are several, explain. The rating share is the rating "
        "weight's part of both weights.",
    ),
    "gradient_norm": Word(
        "Gradient norms",
        "Norm of each task's weighted gradient on the shared embeddings, a mean over the steps of "
        "the epoch. The task with the larger norm changes them more. The norms need not follow the "
        "shares of the loss: in `duet` only a small part of the rating gradient reaches the shared "
        "embeddings, so that retrieval forms them.",
    ),
    "gradient_cosine": Word(
        "Cosine of the gradients",
        "Cosine of the two tasks' gradients on the shared embeddings, from -1 to 1: above 0 they "
        "agree, below 0 they conflict, near 0 the tasks hardly affect each other.",
        decimals=2,
    ),
    "log_variance": Word(
        "Log-variances",
        "What uncertainty weighting has learnt: a task's weight is multiplied by exp(-s), so the "
        "task with the smaller s counts more.",
    ),
    "balancing": Word(
        "Loss balancing",
        "What is done with the two losses beside the weights. The weights still count: they "
        "multiply whatever the balancing makes of the losses.",
    ),
    "balancing_factor": Word(
        "Balancing factors",
        "What each task's weight was multiplied by: 1 divided by the task's loss at the time.",
    ),
    # Data.
    "users": Word("Users", "People who rated at least one movie.", decimals=0),
    "movies": Word("Movies", "All movies of the catalogue, rated or not.", decimals=0),
    "ratings": Word("Ratings", "Stars given: one user, one movie, one rating.", decimals=0),
    "sparsity": Word(
        "Sparsity",
        "Share of all user–movie pairs that nobody rated: the larger, the less there is to "
        "learn from.",
        "%",
        1,
    ),
    "popularity": Word(
        "Popularity", "Number of ratings a movie received from all users.", decimals=0
    ),
    "catalogue": Word("Catalogue", "All movies that can be recommended.", decimals=0),
    "history": Word("History", "The movies a user rated in the training part of the data."),
    "seen": Word("Seen", "Movies the user rated in the training or validation part."),
    "train": Word("Train", "The ratings the model learns from."),
    "validation": Word(
        "Validation", "Ratings kept from training and looked at after every epoch, to steer by."
    ),
    "holdout": Word(
        "Holdout", "Ratings the model never saw; they are looked at once, at the end of a run."
    ),
    # Runs.
    "run": Word("Run", "One training: a config, its data, what it learnt and how it scored."),
    "preset": Word(
        "Preset",
        "A named pair of loss weights: rating-specialised (0, 1), retrieval-specialised (1, 0) "
        "and multi-task (1, 1).",
    ),
    "baseline": Word(
        "Baseline",
        "A model without learning: most popular movies for retrieval, user + movie averages for "
        "ratings. A model worth training beats it.",
    ),
    "most popular": Word(
        "Most popular", "Baseline: everybody is shown the movies with the most ratings in train."
    ),
    "user + movie bias": Word(
        "User + movie bias",
        "Baseline: the average rating plus how generous the user and how liked the movie is, both "
        "pulled towards 0 when ratings are few.",
    ),
    "trial": Word(
        "Trial",
        "One run of a search: its settings are chosen by what the trials before it came to, so a "
        "second search goes on where the first one ended.",
    ),
    "front": Word(
        "Pareto front",
        "The runs that no other run beats in both figures: going from one to the next, what one "
        "task gains the other pays.",
    ),
    "epoch": Word("Epoch", "One pass of training over all training ratings.", decimals=0),
    "seconds": Word("Time", "Wall-clock time of the run, data loading to evaluation.", "s", 1),
    "seconds_left": Word(
        "Time left", "Estimated from the epochs done so far, evaluation included.", "s", 0
    ),
    "worker": Word("Worker", "The process that trains; the page itself stays free while it works."),
    "peak_rss_mb": Word("Memory", "Largest memory the training process held.", "MB", 0),
    # Recommendations.
    "retrieval_score": Word(
        "Retrieval score",
        "How well a movie fits the user by the retrieval task; only the order counts.",
        higher_is_better=True,
    ),
    "predicted_stars": Word(
        "Predicted stars", "The rating the model expects from this user.", "stars", 2
    ),
    "history_ratings": Word(
        "History", "Movies this user rated in the training part: what the model knows.", decimals=0
    ),
    "holdout_ratings": Word(
        "Holdout",
        "Movies this user rated that the model never saw: what it should find.",
        decimals=0,
    ),
    "mean_rating": Word("Mean rating", "Average of the stars this user gave in train.", "★", 2),
    "user_ndcg@20": Word(
        "User's NDCG@20",
        "How well this run orders the first 20 movies for this user (0–1); the difference is to "
        "its average over all users.",
        higher_is_better=True,
    ),
    "user_rmse": Word(
        "User's RMSE",
        "How far this run's predictions lie from this user's held-out ratings, in stars; the "
        "difference is to its RMSE over all users.",
        "★",
        higher_is_better=False,
    ),
}

_METRIC_LABELS = {
    "rmse": "RMSE",
    "mae": "MAE",
    "mrr": "MRR",
    "recall": "Recall@{k}",
    "ndcg": "NDCG@{k}",
    "top_k_accuracy": "Top-{k} accuracy",
    "top_k_accuracy_with_seen": "Top-{k} accuracy, seen movies in",
    "coverage": "Coverage@{k}",
    "gini": "Gini@{k}",
    "novelty": "Novelty@{k}",
    "diversity": "Diversity@{k}",
    "calibration_error": "Calibration error",
}

# Each way to balance the losses: what it does, when it helps, where it comes from.
BALANCING = {
    "fixed": "Fixed: the weights alone decide. Tuned weights are hard to beat "
    "([Kurin et al. 2022](https://arxiv.org/abs/2201.04122)).",
    "uncertainty": "Uncertainty: each task learns how noisy it is, and counts the less for it. "
    "Helps when losses are on scales of their own and nobody wants to tune weights "
    "([Kendall et al. 2018](https://arxiv.org/abs/1705.07115)).",
    "inverse-loss": "Inverse loss: each loss is divided by its current value, so a task that has "
    "already learnt much does not fade out. Helps when one loss falls far below the other "
    "([Chennupati et al. 2019](https://arxiv.org/abs/1904.08492)).",
    "pcgrad": "PCGrad: where the gradients conflict, each loses the part that points against the "
    "other. Helps when the cosine is often well below 0 "
    "([Yu et al. 2020](https://arxiv.org/abs/2001.06782)).",
}
BALANCING_LABELS = {
    "fixed": "Fixed",
    "uncertainty": "Uncertainty",
    "inverse-loss": "Inverse loss",
    "pcgrad": "PCGrad",
}

HEADLINE_METRICS = ("top_k_accuracy@100", "recall@20", "ndcg@20", "rmse")
MAIN_METRICS = ("top_k_accuracy@100", "recall@20", "rmse")  # where there is room for three
NOTHING = "–"
MOVIELENS = {
    "100k": "MovieLens 100K",
    "latest-small": "MovieLens latest (small)",
    "1m": "MovieLens 1M",
    "20m": "MovieLens 20M",
    "25m": "MovieLens 25M",
}


def word(term: str) -> Word:
    """Return the entry of a term. Metrics are explained where they are defined: `recsys.metrics`.

    Raises:
        KeyError: the glossary has no such term.
    """
    if term in WORDS:
        return WORDS[term]
    if term not in METRICS:
        raise KeyError(f"no word for {term!r} in the glossary")
    metric = METRICS[term]
    family, _, k = term.partition("@")
    better = "Higher" if metric.higher_is_better else "Lower"
    scale = f" {better} is better." if metric.unit else f" 0 to 1; {better.lower()} is better."
    return Word(
        _METRIC_LABELS.get(family, family).format(k=k),
        metric.explanation + scale,
        metric.unit,
        higher_is_better=metric.higher_is_better,
    )


def label(term: str) -> str:
    """Return a term's label."""
    return word(term).label


def explain(term: str) -> str:
    """Return a term's sentence, for a tooltip."""
    return word(term).sentence


def number(term: str, value: float | None, *, unit: bool = True) -> str:
    """Write a value with the term's decimals and unit: `number("rmse", 0.92)` is `0.920 stars`."""
    if value is None:
        return NOTHING
    entry = word(term)
    text = f"{value:,.{entry.decimals}f}"
    if not unit or not entry.unit:
        return text
    return f"{text} {entry.unit}"


def field_label(field: str) -> str:
    """Return the label of a RunConfig field: `batch_size` is `Batch size`."""
    if field == "data":
        return "Data set"
    return field.replace("_", " ").capitalize().replace(" l2", " L2")


def dataset_label(name: str) -> str:
    """Return how a data set is called on the pages: `100k` is `MovieLens 100K`."""
    return MOVIELENS.get(name, name)
