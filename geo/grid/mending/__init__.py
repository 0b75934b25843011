"""What a repair does inside: ground cut at its faults, faces held wrongly, who gets them, and the ledger."""
