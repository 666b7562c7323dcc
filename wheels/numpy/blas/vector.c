/* Matrices times vectors, and products of vectors. */
#ifndef T
#include "blas.h"

/* Rows, or numbers of a vector, that are kept beside the matrix at a time. */
#define BLOCK 512

#define EACH "vector.c"
#include "each.h"

#else

/* Copies, or gives the vector itself if it is contiguous. */
static const T *
NAME(contiguous)(int n, const T *x, ptrdiff_t step, T *buffer)
{
    if (step == 1)
        return x;
    for (int i = 0; i < n; i++)
        buffer[i] = x[i * step];
    return buffer;
}

static T
NAME(product_of_contiguous)(int n, const T *x, bool conjugate, const T *y)
{
#pragma clang fp reassociate(on)
#if PARTS == 1
    (void)conjugate;
    T sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
#else
    const R *a = (const R *)x, *b = (const R *)y;
    R straight = 0, opposite = 0, first = 0, second = 0;
    for (int i = 0; i < n; i++) {
        straight += a[2 * i] * b[2 * i];
        opposite += a[2 * i + 1] * b[2 * i + 1];
        first += a[2 * i] * b[2 * i + 1];
        second += a[2 * i + 1] * b[2 * i];
    }
    T sum;
    ((R *)&sum)[0] = conjugate ? straight + opposite : straight - opposite;
    ((R *)&sum)[1] = conjugate ? first - second : first + second;
    return sum;
#endif
}

T
NAME(product)(int n, const T *x, ptrdiff_t x_step, bool conjugate, const T *y, ptrdiff_t y_step)
{
    if (x_step == 1 && y_step == 1)
        return NAME(product_of_contiguous)(n, x, conjugate, y);
    T sum = 0;
    for (int i = 0; i < n; i++) {
        T one = x[i * x_step];
        sum += (conjugate ? NAME(conjugated)(one) : one) * y[i * y_step];
    }
    return sum;
}

void
NAME(add)(int n, T alpha, const T *x, ptrdiff_t x_step, T *y, ptrdiff_t y_step)
{
    if (x_step == 1 && y_step == 1) {
        for (int i = 0; i < n; i++)
            y[i] += alpha * x[i];
        return;
    }
    for (int i = 0; i < n; i++)
        y[i * y_step] += alpha * x[i * x_step];
}

/* sums += A x, for a matrix whose columns are contiguous: four columns at a time, since each pass reads and writes the sums. */
static void
NAME(add_columns)(int m, int n, NAME(matrix) a, const T *x, ptrdiff_t x_step, T *restrict sums)
{
    int j = 0;
    for (; j + 4 <= n; j += 4) {
        const T *c0 = a.at + j * a.column, *c1 = c0 + a.column, *c2 = c1 + a.column, *c3 = c2 + a.column;
        T x0 = x[j * x_step], x1 = x[(j + 1) * x_step], x2 = x[(j + 2) * x_step], x3 = x[(j + 3) * x_step];
        if (a.conjugate) {
            for (int i = 0; i < m; i++)
                sums[i] += NAME(conjugated)(c0[i]) * x0 + NAME(conjugated)(c1[i]) * x1 + NAME(conjugated)(c2[i]) * x2
                           + NAME(conjugated)(c3[i]) * x3;
        } else {
            for (int i = 0; i < m; i++)
                sums[i] += c0[i] * x0 + c1[i] * x1 + c2[i] * x2 + c3[i] * x3;
        }
    }
    for (; j < n; j++) {
        const T *column = a.at + j * a.column;
        T factor = x[j * x_step];
        for (int i = 0; i < m; i++)
            sums[i] += (a.conjugate ? NAME(conjugated)(column[i]) : column[i]) * factor;
    }
}

static inline void
NAME(finish)(T *y, T alpha, T sum, T beta)
{
    if (alpha != 1)
        sum *= alpha;
    *y = beta == 0 ? sum : beta == 1 ? *y + sum : *y * beta + sum;
}

static void
NAME(by_columns)(int m, int n, T alpha, NAME(matrix) a, const T *x, ptrdiff_t x_step, T beta, T *y, ptrdiff_t y_step)
{
    T sums[BLOCK];
    for (int top = 0; top < m; top += BLOCK) {
        int some = least(BLOCK, m - top);
        for (int i = 0; i < some; i++)
            sums[i] = 0;
        NAME(add_columns)(some, n, NAME(part)(a, top, 0), x, x_step, sums);
        for (int i = 0; i < some; i++)
            NAME(finish)(y + (top + i) * y_step, alpha, sums[i], beta);
    }
}

#if PARTS == 1
/* Four rows at a time share what is read of x. */
static void
NAME(four_products)(int n, const T *a, ptrdiff_t row, const T *x, T sums[4])
{
#pragma clang fp reassociate(on)
    const T *r1 = a + row, *r2 = r1 + row, *r3 = r2 + row;
    T s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (int j = 0; j < n; j++) {
        s0 += a[j] * x[j];
        s1 += r1[j] * x[j];
        s2 += r2[j] * x[j];
        s3 += r3[j] * x[j];
    }
    sums[0] += s0;
    sums[1] += s1;
    sums[2] += s2;
    sums[3] += s3;
}
#endif

static void
NAME(by_rows)(int m, int n, T alpha, NAME(matrix) a, const T *x, ptrdiff_t x_step, T beta, T *y, ptrdiff_t y_step)
{
    T buffer[BLOCK];
    for (int left = 0; left < n; left += BLOCK) {
        int some = least(BLOCK, n - left), i = 0;
        const T *part = NAME(contiguous)(some, x + left * x_step, x_step, buffer);
        T now = left == 0 ? beta : 1;
#if PARTS == 1
        for (; i + 4 <= m; i += 4) {
            T sums[4] = {0};
            NAME(four_products)(some, a.at + i * a.row + left, a.row, part, sums);
            for (int r = 0; r < 4; r++)
                NAME(finish)(y + (i + r) * y_step, alpha, sums[r], now);
        }
#endif
        for (; i < m; i++) {
            T sum = NAME(product_of_contiguous)(some, a.at + i * a.row + left, a.conjugate, part);
            NAME(finish)(y + i * y_step, alpha, sum, now);
        }
    }
}

void
NAME(multiply_vector)(int m, int n, T alpha, NAME(matrix) a, const T *x, ptrdiff_t x_step, T beta, T *y, ptrdiff_t y_step)
{
    if (n <= 0 || alpha == 0) {
        NAME(scale)(ALL, m, 1, beta, (NAME(target)){y, y_step, 0});
    } else if (a.row == 1) {
        NAME(by_columns)(m, n, alpha, a, x, x_step, beta, y, y_step);
    } else if (a.column == 1) {
        NAME(by_rows)(m, n, alpha, a, x, x_step, beta, y, y_step);
    } else {
        for (int i = 0; i < m; i++) {
            NAME(matrix) row = NAME(part)(a, i, 0);
            NAME(finish)(y + i * y_step, alpha, NAME(product)(n, row.at, row.column, row.conjugate, x, x_step), beta);
        }
    }
}

#endif
