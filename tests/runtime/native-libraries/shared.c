int deep_add(int n);

int shared_calls;
// A pointer that has to be put right when the library is placed.
int (*const shared_add)(int) = deep_add;
