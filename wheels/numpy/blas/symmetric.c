/* Symmetric and Hermitian matrices, of which one triangle is stored. */
#ifndef T
#include "blas.h"

#define EACH "symmetric.c"
#include "each.h"

#else

#if PARTS == 1
/* Real matrices: the conjugated is the same. */
#define BLAS_(real, complex) BLAS(real)
#else
#define BLAS_(real, complex) BLAS(complex)
#endif

static Shape
NAME(shape)(const char *uplo)
{
    return is_letter(uplo, 'L') ? LOWER : UPPER;
}

/* The diagonal of a Hermitian matrix is real, however sums are rounded. */
static void
NAME(make_diagonal_real)(int n, T *c, int ldc)
{
#if PARTS == 2
    for (int j = 0; j < n; j++)
        ((R *)(c + j + (ptrdiff_t)j * ldc))[1] = 0;
#else
    (void)n, (void)c, (void)ldc;
#endif
}

/* Adds a column of a triangle, without the diagonal, to sums, and returns its product with x. */
static T
NAME(fold_column)(int n, const T *restrict column, const T *restrict x, T factor, T *restrict sums)
{
#pragma clang fp reassociate(on)
    T product = 0;
    for (int i = 0; i < n; i++) {
        sums[i] += factor * column[i];
        product += NAME(conjugated)(column[i]) * x[i];
    }
    return product;
}

#if PARTS == 1
/* The same for two columns, which share what is read and written of the vectors. */
static void
NAME(fold_columns)(int n, const T *restrict c0, const T *restrict c1, const T *restrict x, const T factors[2], T *restrict sums,
                   T products[2])
{
#pragma clang fp reassociate(on)
    T p0 = 0, p1 = 0, f0 = factors[0], f1 = factors[1];
    for (int i = 0; i < n; i++) {
        sums[i] += f0 * c0[i] + f1 * c1[i];
        p0 += c0[i] * x[i];
        p1 += c1[i] * x[i];
    }
    products[0] = p0;
    products[1] = p1;
}
#endif

/* y += alpha A x, where A is real and symmetric or complex and Hermitian; the vectors are contiguous. */
static void
NAME(fold)(Shape shape, int n, T alpha, const T *a, ptrdiff_t lda, const T *x, T *y)
{
    int j = 0;
#if PARTS == 1
    for (; j + 2 <= n; j += 2) {
        const T *c0 = a + j * lda, *c1 = c0 + lda;
        int from = shape == LOWER ? j + 2 : 0, length = shape == LOWER ? n - j - 2 : j;
        T products[2], factors[2] = {alpha * x[j], alpha * x[j + 1]}, between = shape == LOWER ? c0[j + 1] : c1[j];
        NAME(fold_columns)(length, c0 + from, c1 + from, x + from, factors, y + from, products);
        y[j] += alpha * products[0] + c0[j] * factors[0] + between * factors[1];
        y[j + 1] += alpha * products[1] + c1[j + 1] * factors[1] + between * factors[0];
    }
#endif
    for (; j < n; j++) {
        const T *column = a + j * lda;
        int from = shape == LOWER ? j + 1 : 0, length = shape == LOWER ? n - j - 1 : j;
        T factor = alpha * x[j], product = NAME(fold_column)(length, column + from, x + from, factor, y + from);
        R diagonal = ((const R *)(column + j))[0];
        y[j] += alpha * product + diagonal * factor;
    }
}

/* The same for vectors that are not contiguous, number by number. */
static void
NAME(fold_steps)(Shape shape, int n, T alpha, const T *a, ptrdiff_t lda, const T *x, ptrdiff_t x_step, T *y, ptrdiff_t y_step)
{
    for (int j = 0; j < n; j++) {
        const T *column = a + j * lda;
        T factor = alpha * x[j * x_step], product = 0;
        for (int i = shape == LOWER ? j + 1 : 0; i < (shape == LOWER ? n : j); i++) {
            y[i * y_step] += factor * column[i];
            product += NAME(conjugated)(column[i]) * x[i * x_step];
        }
        R diagonal = ((const R *)(column + j))[0];
        y[j * y_step] += alpha * product + diagonal * factor;
    }
}

SUBROUTINE
BLAS_(symv, hemv)(const char *uplo, const int *n, const T *alpha, const T *a, const int *lda, const T *x, const int *incx, const T *beta,
                  T *y, const int *incy)
{
    if (*n <= 0)
        DONE;
    x = NAME(first)(x, *n, *incx);
    y = NAME(first)(y, *n, *incy);
    NAME(scale)(ALL, *n, 1, *beta, (NAME(target)){y, *incy, 0});
    if (*alpha == 0)
        DONE;
    if (*incx == 1 && *incy == 1)
        NAME(fold)(NAME(shape)(uplo), *n, *alpha, a, *lda, x, y);
    else
        NAME(fold_steps)(NAME(shape)(uplo), *n, *alpha, a, *lda, x, *incx, y, *incy);
    DONE;
}

SUBROUTINE
BLAS_(syr2, her2)(const char *uplo, const int *n, const T *alpha, const T *x, const int *incx, const T *y, const int *incy, T *a,
                  const int *lda)
{
    x = NAME(first)(x, *n, *incx);
    y = NAME(first)(y, *n, *incy);
    Shape shape = NAME(shape)(uplo);
    for (int j = 0; j < *n; j++) {
        int from = shape == LOWER ? j : 0, length = shape == LOWER ? *n - j : j + 1;
        T *column = a + from + (ptrdiff_t)j * *lda;
        T of_x = *alpha * NAME(conjugated)(y[j * *incy]), of_y = NAME(conjugated)(*alpha * x[j * *incx]);
        NAME(add)(length, of_x, x + from * *incx, *incx, column, 1);
        NAME(add)(length, of_y, y + from * *incy, *incy, column, 1);
    }
    NAME(make_diagonal_real)(*n, a, *lda);
    DONE;
}

/* alpha op(A) op(A)^H + beta C: the second factor is the first, transposed and conjugated. */
static void
NAME(rank_k)(const char *uplo, const char *trans, int n, int k, T alpha, const T *a, int lda, T beta, T *c, int ldc, bool hermitian)
{
    NAME(matrix) left = NAME(operand)(trans, a, lda), right = NAME(transposed)(left);
    if (hermitian)
        right.conjugate = !left.conjugate;
    NAME(multiply)(NAME(shape)(uplo), n, n, k, alpha, left, right, beta, (NAME(target)){c, 1, ldc});
}

SUBROUTINE
BLAS(syrk)(const char *uplo, const char *trans, const int *n, const int *k, const T *alpha, const T *a, const int *lda, const T *beta,
           T *c, const int *ldc)
{
    NAME(rank_k)(uplo, trans, *n, *k, *alpha, a, *lda, *beta, c, *ldc, false);
    DONE;
}

#if PARTS == 2
SUBROUTINE
BLAS(herk)(const char *uplo, const char *trans, const int *n, const int *k, const R *alpha, const T *a, const int *lda, const R *beta,
           T *c, const int *ldc)
{
    NAME(rank_k)(uplo, trans, *n, *k, *alpha, a, *lda, *beta, c, *ldc, true);
    NAME(make_diagonal_real)(*n, c, *ldc);
    DONE;
}
#endif

SUBROUTINE
BLAS_(syr2k, her2k)(const char *uplo, const char *trans, const int *n, const int *k, const T *alpha, const T *a, const int *lda, const T *b,
                    const int *ldb, const R *beta, T *c, const int *ldc)
{
    NAME(matrix) one = NAME(operand)(trans, a, *lda), two = NAME(operand)(trans, b, *ldb);
    NAME(matrix) one_turned = NAME(transposed)(one), two_turned = NAME(transposed)(two);
#if PARTS == 2
    one_turned.conjugate = !one.conjugate;
    two_turned.conjugate = !two.conjugate;
#endif
    Shape shape = NAME(shape)(uplo);
    NAME(target) target = {c, 1, *ldc};
    NAME(multiply)(shape, *n, *n, *k, *alpha, one, two_turned, *beta, target);
    NAME(multiply)(shape, *n, *n, *k, NAME(conjugated)(*alpha), two, one_turned, 1, target);
    NAME(make_diagonal_real)(*n, c, *ldc);
    DONE;
}

#undef BLAS_

#endif
