/* Types and functions that other files of this folder use, for each kind of number. See `each.h`. */

typedef struct {
    const T *at;
    /* From one row, and one column, to the next, in numbers. */
    ptrdiff_t row, column;
    bool conjugate;
} NAME(matrix);

typedef struct {
    T *at;
    ptrdiff_t row, column;
} NAME(target);

static inline T
NAME(conjugated)(T x)
{
#if PARTS == 2
    ((R *)&x)[1] = -((R *)&x)[1];
#endif
    return x;
}

/* Without the loop that C's division has for infinite parts; the greater part of the divisor is divided by first. */
static inline T
NAME(quotient)(T a, T b)
{
#if PARTS == 1
    return a / b;
#else
    R ar = ((R *)&a)[0], ai = ((R *)&a)[1], br = ((R *)&b)[0], bi = ((R *)&b)[1];
    T result;
    if ((br < 0 ? -br : br) >= (bi < 0 ? -bi : bi)) {
        R ratio = bi / br, whole = br + bi * ratio;
        ((R *)&result)[0] = (ar + ai * ratio) / whole;
        ((R *)&result)[1] = (ai - ar * ratio) / whole;
    } else {
        R ratio = br / bi, whole = bi + br * ratio;
        ((R *)&result)[0] = (ar * ratio + ai) / whole;
        ((R *)&result)[1] = (ai * ratio - ar) / whole;
    }
    return result;
#endif
}

static inline T
NAME(element)(NAME(matrix) a, ptrdiff_t i, ptrdiff_t j)
{
    T x = a.at[i * a.row + j * a.column];
    return a.conjugate ? NAME(conjugated)(x) : x;
}

static inline NAME(matrix)
NAME(part)(NAME(matrix) a, ptrdiff_t i, ptrdiff_t j)
{
    a.at += i * a.row + j * a.column;
    return a;
}

static inline NAME(target)
NAME(part_of_target)(NAME(target) a, ptrdiff_t i, ptrdiff_t j)
{
    a.at += i * a.row + j * a.column;
    return a;
}

static inline NAME(matrix)
NAME(transposed)(NAME(matrix) a)
{
    return (NAME(matrix)){a.at, a.column, a.row, a.conjugate};
}

static inline NAME(target)
NAME(transposed_target)(NAME(target) a)
{
    return (NAME(target)){a.at, a.column, a.row};
}

static inline NAME(matrix)
NAME(reading)(NAME(target) a)
{
    return (NAME(matrix)){a.at, a.row, a.column, false};
}

/* op(A) as BLAS names it: `N`, `T` or `C`, with columns first. */
static inline NAME(matrix)
NAME(operand)(const char *option, const T *a, ptrdiff_t stride)
{
    if (is_letter(option, 'N'))
        return (NAME(matrix)){a, 1, stride, false};
    return (NAME(matrix)){a, stride, 1, PARTS == 2 && is_letter(option, 'C')};
}

/* The first element of a vector: with a negative step, BLAS begins at its end. */
static inline T *
NAME(first)(const T *x, int n, int step)
{
    return (T *)(step < 0 ? x - (ptrdiff_t)(n - 1) * step : x);
}

/* C = beta C, where its shape says. Without beta, C may hold anything. */
void NAME(scale)(Shape shape, int m, int n, T beta, NAME(target) c);

/* C = alpha A B + beta C, where its shape says: A is m x k, B is k x n. C has rows or columns that are contiguous. */
void NAME(multiply)(Shape shape, int m, int n, int k, T alpha, NAME(matrix) a, NAME(matrix) b, T beta, NAME(target) c);

/* C = alpha A B + beta C for matrices of a few numbers, for which copying takes longer than multiplying. */
static inline __attribute__((always_inline)) void
NAME(multiply_tiny)(Shape shape, int m, int n, int k, T alpha, NAME(matrix) a, NAME(matrix) b, T beta, NAME(target) c)
{
    for (int j = 0; j < n; j++) {
        int from = shape == LOWER ? j : 0, to = shape == UPPER ? least(j + 1, m) : m;
        for (int i = from; i < to; i++) {
            const T *left = a.at + i * a.row, *right = b.at + j * b.column;
            T sum = 0;
            for (int p = 0; p < k; p++, left += a.column, right += b.row) {
#if PARTS == 2
                sum += (a.conjugate ? NAME(conjugated)(*left) : *left) * (b.conjugate ? NAME(conjugated)(*right) : *right);
#else
                sum += *left * *right;
#endif
            }
            if (alpha != 1)
                sum *= alpha;
            T *target = c.at + i * c.row + j * c.column;
            *target = beta == 0 ? sum : beta == 1 ? *target + sum : *target * beta + sum;
        }
    }
}

/* y = alpha A x + beta y: A is m x n. */
void NAME(multiply_vector)(int m, int n, T alpha, NAME(matrix) a, const T *x, ptrdiff_t x_step, T beta, T *y, ptrdiff_t y_step);

/* The sum of x[i] y[i]. */
T NAME(product)(int n, const T *x, ptrdiff_t x_step, bool conjugate, const T *y, ptrdiff_t y_step);

/* y += alpha x. */
void NAME(add)(int n, T alpha, const T *x, ptrdiff_t x_step, T *y, ptrdiff_t y_step);
