"""What is there, by content: roots are walked, files hashed and kept, sets of them named."""
