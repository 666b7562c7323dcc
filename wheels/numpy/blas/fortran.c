/* Functions of BLAS with Fortran's names and f2c's conventions, as far as LAPACK calls them and no other file has them. */
#ifndef T
#include "blas.h"

#define EACH "fortran.c"
#include "each.h"

#else

#define FIRST(x, step) NAME(first)(x, *n, *step)

SUBROUTINE
BLAS(gemm)(const char *transa, const char *transb, const int *m, const int *n, const int *k, const T *alpha, const T *a, const int *lda,
           const T *b, const int *ldb, const T *beta, T *c, const int *ldc)
{
    NAME(multiply)(ALL, *m, *n, *k, *alpha, NAME(operand)(transa, a, *lda), NAME(operand)(transb, b, *ldb), *beta,
                   (NAME(target)){c, 1, *ldc});
    DONE;
}

SUBROUTINE
BLAS(gemv)(const char *trans, const int *m, const int *n, const T *alpha, const T *a, const int *lda, const T *x, const int *incx,
           const T *beta, T *y, const int *incy)
{
    /* An empty matrix leaves y as it is, as in the reference. */
    if (*m <= 0 || *n <= 0)
        DONE;
    bool straight = is_letter(trans, 'N');
    int rows = straight ? *m : *n, columns = straight ? *n : *m;
    NAME(multiply_vector)(rows, columns, *alpha, NAME(operand)(trans, a, *lda), NAME(first)(x, columns, *incx), *incx, *beta,
                          NAME(first)(y, rows, *incy), *incy);
    DONE;
}

static void
NAME(rank_one)(int m, int n, T alpha, const T *x, int incx, const T *y, int incy, bool conjugate, T *a, int lda)
{
    x = NAME(first)(x, m, incx);
    y = NAME(first)(y, n, incy);
    for (int j = 0; j < n; j++) {
        T factor = y[(ptrdiff_t)j * incy];
        factor = alpha * (conjugate ? NAME(conjugated)(factor) : factor);
        if (factor != 0)
            NAME(add)(m, factor, x, incx, a + (ptrdiff_t)j * lda, 1);
    }
}

#define RANK_ONE(name, conjugate)                                                                                                        \
    SUBROUTINE BLAS(name)(const int *m, const int *n, const T *alpha, const T *x, const int *incx, const T *y, const int *incy, T *a,    \
                          const int *lda)                                                                                                \
    {                                                                                                                                    \
        NAME(rank_one)(*m, *n, *alpha, x, *incx, y, *incy, conjugate, a, *lda);                                                          \
        DONE;                                                                                                                            \
    }

#if PARTS == 1
RANK_ONE(ger, false)

FUNCTION
BLAS(dot)(const int *n, const T *x, const int *incx, const T *y, const int *incy)
{
    return NAME(product)(*n, FIRST(x, incx), *incx, false, FIRST(y, incy), *incy);
}
#else
RANK_ONE(geru, false)
RANK_ONE(gerc, true)

void
BLAS(dotu)(T *result, const int *n, const T *x, const int *incx, const T *y, const int *incy)
{
    *result = NAME(product)(*n, FIRST(x, incx), *incx, false, FIRST(y, incy), *incy);
}

void
BLAS(dotc)(T *result, const int *n, const T *x, const int *incx, const T *y, const int *incy)
{
    *result = NAME(product)(*n, FIRST(x, incx), *incx, true, FIRST(y, incy), *incy);
}
#endif
#undef RANK_ONE

SUBROUTINE
BLAS(axpy)(const int *n, const T *alpha, const T *x, const int *incx, T *y, const int *incy)
{
    if (*alpha != 0)
        NAME(add)(*n, *alpha, FIRST(x, incx), *incx, FIRST(y, incy), *incy);
    DONE;
}

SUBROUTINE
BLAS(copy)(const int *n, const T *x, const int *incx, T *y, const int *incy)
{
    x = FIRST(x, incx);
    y = FIRST(y, incy);
    for (ptrdiff_t i = 0; i < *n; i++)
        y[i * *incy] = x[i * *incx];
    DONE;
}

SUBROUTINE
BLAS(swap)(const int *n, T *x, const int *incx, T *y, const int *incy)
{
    x = FIRST(x, incx);
    y = FIRST(y, incy);
    for (ptrdiff_t i = 0; i < *n; i++) {
        T one = x[i * *incx];
        x[i * *incx] = y[i * *incy];
        y[i * *incy] = one;
    }
    DONE;
}

#if PARTS == 2
SUBROUTINE
BLAS(scal)(const int *n, const T *alpha, T *x, const int *incx)
{
    T factor = *alpha;
    for (ptrdiff_t i = 0; *incx > 0 && i < *n; i++)
        x[i * *incx] *= factor;
    DONE;
}
#endif

#undef FIRST

#endif
