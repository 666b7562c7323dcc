/*
 * Triangular matrices: solving with them, and multiplying by them. Both halve the triangle until it is small; the square between the
 * halves is a matrix multiplication, which does nearly all of the work.
 */
#ifndef T
#include "blas.h"

#define SIDE 24

#define EACH "triangle.c"
#include "each.h"

#else

/* As many columns of the right side as fit registers. */
#define WIDTH ((int)(64 / sizeof(T)))

typedef struct {
    NAME(matrix) at;
    bool lower;
    /* The diagonal counts as ones. */
    bool unit;
} NAME(triangle);

/* A small triangle in rows, as if it were a lower one: an upper one is turned by 180 degrees. */
static void
NAME(copy_triangle)(const NAME(triangle) *a, int n, T to[SIDE][SIDE])
{
    for (int i = 0; i < n; i++) {
        for (int k = 0; k <= i; k++) {
            int row = a->lower ? i : n - 1 - i, column = a->lower ? k : n - 1 - k;
            to[i][k] = row == column && a->unit ? 1 : NAME(element)(a->at, row, column);
        }
    }
}

static void
NAME(solve_strip)(int n, bool unit, T a[SIDE][SIDE], T x[SIDE][WIDTH])
{
    for (int i = 0; i < n; i++) {
        T sums[WIDTH];
        for (int j = 0; j < WIDTH; j++)
            sums[j] = x[i][j];
        for (int k = 0; k < i; k++) {
            for (int j = 0; j < WIDTH; j++)
                sums[j] -= a[i][k] * x[k][j];
        }
        for (int j = 0; j < WIDTH; j++)
            x[i][j] = unit ? sums[j] : NAME(quotient)(sums[j], a[i][i]);
    }
}

static void
NAME(multiply_strip)(int n, T a[SIDE][SIDE], T x[SIDE][WIDTH])
{
    for (int i = n - 1; i >= 0; i--) {
        T sums[WIDTH];
        for (int j = 0; j < WIDTH; j++)
            sums[j] = a[i][i] * x[i][j];
        for (int k = 0; k < i; k++) {
            for (int j = 0; j < WIDTH; j++)
                sums[j] += a[i][k] * x[k][j];
        }
        for (int j = 0; j < WIDTH; j++)
            x[i][j] = sums[j];
    }
}

/* The right side is taken through a buffer in strips, so that its strides do not matter. */
static void
NAME(small)(bool solves, const NAME(triangle) *a, int n, int columns, NAME(target) b)
{
    T triangle[SIDE][SIDE], strip[SIDE][WIDTH];
    NAME(copy_triangle)(a, n, triangle);
    NAME(target) right = a->lower ? b : (NAME(target)){b.at + (n - 1) * b.row, -b.row, b.column};
    for (int left = 0; left < columns; left += WIDTH) {
        int some = least(WIDTH, columns - left);
        T *at = right.at + left * right.column;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < WIDTH; j++)
                strip[i][j] = j < some ? at[i * right.row + j * right.column] : 0;
        }
        if (solves)
            NAME(solve_strip)(n, a->unit, triangle, strip);
        else
            NAME(multiply_strip)(n, triangle, strip);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < some; j++)
                at[i * right.row + j * right.column] = strip[i][j];
        }
    }
}

/* B becomes the solution of A X = B, or the product A B. */
static void
NAME(apply)(bool solves, NAME(triangle) a, int n, int columns, NAME(target) b)
{
    if (n <= SIDE) {
        NAME(small)(solves, &a, n, columns, b);
        return;
    }
    int half = (n / 2 + SIDE - 1) / SIDE * SIDE, rest = n - half;
    NAME(triangle) first = a, second = a;
    second.at = NAME(part)(a.at, half, half);
    NAME(target) top = b, bottom = NAME(part_of_target)(b, half, 0);
    /* Solving begins where one row has one unknown, and multiplying at the other end. */
    if (a.lower == solves) {
        NAME(apply)(solves, first, half, columns, top);
        if (a.lower)
            NAME(multiply)(ALL, rest, columns, half, -1, NAME(part)(a.at, half, 0), NAME(reading)(top), 1, bottom);
        else
            NAME(multiply)(ALL, half, columns, rest, 1, NAME(part)(a.at, 0, half), NAME(reading)(bottom), 1, top);
        NAME(apply)(solves, second, rest, columns, bottom);
    } else {
        NAME(apply)(solves, second, rest, columns, bottom);
        if (a.lower)
            NAME(multiply)(ALL, rest, columns, half, 1, NAME(part)(a.at, half, 0), NAME(reading)(top), 1, bottom);
        else
            NAME(multiply)(ALL, half, columns, rest, -1, NAME(part)(a.at, 0, half), NAME(reading)(bottom), 1, top);
        NAME(apply)(solves, first, half, columns, top);
    }
}

/* The triangle in the options of BLAS. On the right side, X A = B is solved as the transposed of both. */
static void
NAME(apply_options)(bool solves, const char *side, const char *uplo, const char *trans, const char *diag, const int *m, const int *n,
                    const T *alpha, const T *a, const int *lda, T *b, const int *ldb)
{
    if (*m <= 0 || *n <= 0)
        return;
    NAME(target) right = {b, 1, *ldb};
    NAME(scale)(ALL, *m, *n, *alpha, right);
    if (*alpha == 0)
        return;
    NAME(triangle) triangle = {NAME(operand)(trans, a, *lda), is_letter(uplo, 'L') == is_letter(trans, 'N'), is_letter(diag, 'U')};
    if (is_letter(side, 'L')) {
        NAME(apply)(solves, triangle, *m, *n, right);
    } else {
        triangle.at = NAME(transposed)(triangle.at);
        triangle.lower = !triangle.lower;
        NAME(apply)(solves, triangle, *n, *m, NAME(transposed_target)(right));
    }
}

SUBROUTINE
BLAS(trsm)(const char *side, const char *uplo, const char *trans, const char *diag, const int *m, const int *n, const T *alpha,
           const T *a, const int *lda, T *b, const int *ldb)
{
    NAME(apply_options)(true, side, uplo, trans, diag, m, n, alpha, a, lda, b, ldb);
    DONE;
}

SUBROUTINE
BLAS(trmm)(const char *side, const char *uplo, const char *trans, const char *diag, const int *m, const int *n, const T *alpha,
           const T *a, const int *lda, T *b, const int *ldb)
{
    NAME(apply_options)(false, side, uplo, trans, diag, m, n, alpha, a, lda, b, ldb);
    DONE;
}

/* One right side: row by row, or column by column, as A is stored. */
static void
NAME(apply_to_vector)(bool solves, NAME(triangle) a, int n, T *x, ptrdiff_t step)
{
    bool forwards = a.lower == solves;
    for (int count = 0; count < n; count++) {
        int i = forwards ? count : n - 1 - count;
        T *at = x + i * step;
        T diagonal = a.unit ? 1 : NAME(element)(a.at, i, i);
        /* By rows, what has been solved, or has not been multiplied yet, is read; by columns, it is written. */
        bool by_rows = a.at.column == 1;
        bool before = a.lower == by_rows;
        int from = before ? 0 : i + 1, length = before ? i : n - 1 - i;
        NAME(matrix) line = by_rows ? NAME(part)(a.at, i, from) : NAME(part)(a.at, from, i);
        T *other = x + from * step;
        if (by_rows) {
            T sum = NAME(product)(length, line.at, 1, line.conjugate, other, step);
            if (solves)
                *at = a.unit ? *at - sum : NAME(quotient)(*at - sum, diagonal);
            else
                *at = (a.unit ? *at : *at * diagonal) + sum;
        } else {
            if (solves && !a.unit)
                *at = NAME(quotient)(*at, diagonal);
            T factor = solves ? -*at : *at;
            for (int k = 0; k < length; k++)
                other[k * step] += factor * (line.conjugate ? NAME(conjugated)(line.at[k * line.row]) : line.at[k * line.row]);
            if (!solves && !a.unit)
                *at *= diagonal;
        }
    }
}

static void
NAME(vector_options)(bool solves, const char *uplo, const char *trans, const char *diag, const int *n, const T *a, const int *lda, T *x,
                     const int *incx)
{
    NAME(triangle) triangle = {NAME(operand)(trans, a, *lda), is_letter(uplo, 'L') == is_letter(trans, 'N'), is_letter(diag, 'U')};
    NAME(apply_to_vector)(solves, triangle, *n, NAME(first)(x, *n, *incx), *incx);
}

SUBROUTINE
BLAS(trsv)(const char *uplo, const char *trans, const char *diag, const int *n, const T *a, const int *lda, T *x, const int *incx)
{
    NAME(vector_options)(true, uplo, trans, diag, n, a, lda, x, incx);
    DONE;
}

SUBROUTINE
BLAS(trmv)(const char *uplo, const char *trans, const char *diag, const int *n, const T *a, const int *lda, T *x, const int *incx)
{
    NAME(vector_options)(false, uplo, trans, diag, n, a, lda, x, incx);
    DONE;
}

#undef WIDTH

#endif
