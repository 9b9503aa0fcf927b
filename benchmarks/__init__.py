"""Quality, speed and cost of Duet, beside specialised systems; `make bench` measures all of it."""
