"""What is true of the chain, worked out without the pipeline."""
