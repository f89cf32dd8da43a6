"""Header fields on bodies: Content-Type, Content-Disposition, Accept and its like."""
