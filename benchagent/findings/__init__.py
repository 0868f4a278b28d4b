"""Facts worth telling: findings and the rules that find them."""
