"""What Duet reaches and what it costs, beside specialised systems; `make bench` runs it all."""
