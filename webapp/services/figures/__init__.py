"""What visitors and sales did, counted: for Insights, and mailed as digests."""
