"""What a sweep tries, which trials it stops, and which of them is the best; values in, values out."""
