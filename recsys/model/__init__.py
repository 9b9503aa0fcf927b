"""The TensorFlow model. TensorFlow is imported in this folder only, and not by `__init__`.

start.py           import TensorFlow without its start-up messages
training.py        train one run: fit the model, report each epoch, return a Scorer
architectures.py   `duet` and `tutorial`: from a config to a model, its batches and optimizers
multitask.py       MultiTaskModel: the weighted sum of the two losses, and one training step on it
all_ratios.py      all ratios of the weights in one training: a line between two sets of parameters
losses.py          the two losses of a Scorer on a split, and their trivial values, in NumPy
balancing.py       loss balancing: fixed weights, uncertainty, inverse loss, PCGrad
towers.py          query and candidate towers: the vectors of users and movies for retrieval
retrieval.py       the retrieval losses: in-batch softmax, squared error over the catalogue
rating.py          the rating heads: an MLP (`tutorial`), biases plus a dot product (`duet`)
tied.py            the rating head without vectors of its own: it reads those of the towers
raters.py          sums of embeddings over the users who rated each movie
reading.py         what the rating head reads from the retrieval query
draws.py           random initial values that depend on the seed of a training alone
warm.py            what a worker imports before its first training
directions.py      how many directions of taste the ratings show, and the dimension for them
ahead.py           graphs that are traced before anyone asks for the training that needs them
traced.py          the graph of a training, kept for later trainings of its shape
numbers.py         settings that a graph reads from variables
batches.py         batches of train ratings for one epoch
sparse.py          sums and dot products of embeddings as sparse matrix products
steps.py           the size and the number of the training steps
memory.py          how much memory a training needs, estimated before it starts
export.py          the trained model as a Scorer of plain arrays
saved_model.py     a Scorer as a SavedModel, for programs without Duet
saved_notes.py     the README and the titles beside it
"""
