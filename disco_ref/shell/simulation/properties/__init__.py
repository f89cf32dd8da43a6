"""What must hold in every overlay, tried out in small ones, each made up out of one number."""
