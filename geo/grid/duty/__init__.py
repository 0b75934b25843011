"""Who is on duty where: people by day and place, rules about them, heads of buildings, sums by division."""
