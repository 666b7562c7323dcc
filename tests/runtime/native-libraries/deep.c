static int total;

int deep_add(int n) { return total += n; }
