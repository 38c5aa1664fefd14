"""The same gold by one SQL script that was written by hand, beside our build."""
